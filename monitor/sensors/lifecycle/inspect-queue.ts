import type { ContainerDetail, EngineError, EngineReader } from '../../engine/port.ts';
import type { ContainerId } from '../../model/workload.ts';
import type { Result } from '../../runtime/result.ts';

/** Inspects containers, few at a time, and each at most once more however often it is asked. */
export interface InspectQueue {
  ask(container: ContainerId): void;
  /** Takes the container out of the queue; an answer that is under way is not delivered. */
  forget(container: ContainerId): void;
  stop(): void;
}

/**
 * A queue with at most `concurrency` inspections under way. A container asked for while it waits is
 * inspected once; one asked for while its inspection is under way is inspected once more after it,
 * since the answer may be older than the question.
 */
export function createInspectQueue(
  reader: Pick<EngineReader, 'inspect'>,
  onAnswer: (container: ContainerId, answer: Result<ContainerDetail, EngineError>) => void,
  concurrency = 4,
): InspectQueue {
  const waiting = new Set<ContainerId>();
  const underWay = new Map<ContainerId, { wanted: boolean }>();
  let stopped = false;

  async function inspect(container: ContainerId): Promise<void> {
    const flight = { wanted: true };
    underWay.set(container, flight);
    const answer = await reader.inspect(container);
    underWay.delete(container);
    if (!stopped && flight.wanted) onAnswer(container, answer);
    pump();
  }

  function pump(): void {
    if (stopped) return;
    for (const container of waiting) {
      if (underWay.size >= concurrency) return;
      if (underWay.has(container)) continue;
      waiting.delete(container);
      void inspect(container);
    }
  }

  return {
    ask(container) {
      if (stopped) return;
      waiting.add(container);
      pump();
    },
    forget(container) {
      waiting.delete(container);
      const flight = underWay.get(container);
      if (flight !== undefined) flight.wanted = false;
    },
    stop() {
      stopped = true;
      waiting.clear();
    },
  };
}
