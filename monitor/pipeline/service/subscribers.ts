import type { Observation } from '../../model/observation.ts';
import type { CostView, MonitorEvent } from '../../rpc/service/service.ts';

/** What a batch tells beside what was observed. */
export interface Standing {
  readonly cost: CostView;
  readonly leftOut: number;
}

/** Those who are told what happens. */
export interface Subscribers {
  subscribe(listener: (event: MonitorEvent) => void): () => void;
  tell(event: MonitorEvent): void;
  /** Keeps the observation for the next batch; of resource readings only the latest of a container. */
  collect(observation: Observation): void;
  /** Tells what was collected. */
  tellCollected(at: number, standing: () => Standing): void;
}

/** Observations kept for a batch; beyond it the oldest go, as nobody reads that many. */
const mostCollected = 5_000;

/** Nobody is told yet. `onLeftOut` hears how many observations no batch will hold. */
export function createSubscribers(
  onLeftOut: (count: number) => void = () => undefined,
): Subscribers {
  const listeners = new Set<(event: MonitorEvent) => void>();
  const readings = new Map<string, Observation>();
  let others: Observation[] = [];

  function tell(event: MonitorEvent): void {
    for (const listener of listeners) listener(event);
  }

  return {
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    tell,
    collect(observation) {
      if (listeners.size === 0) return;
      if (observation.kind === 'resource') readings.set(observation.container, observation);
      else others.push(observation);
      if (others.length <= mostCollected) return;
      const kept = others.slice(-mostCollected / 2);
      onLeftOut(others.length - kept.length);
      others = kept;
    },
    tellCollected(at, standing) {
      if (listeners.size === 0) {
        readings.clear();
        others = [];
        return;
      }
      tell({
        kind: 'observations',
        at,
        observations: [...others, ...readings.values()],
        ...standing(),
      });
      readings.clear();
      others = [];
    },
  };
}
