import { useEffect, useState } from 'react';
import type { ContainerFacts, WorkloadView } from '../../state/model.ts';
import { useStore, useView } from '../../state/use-store.ts';

/** How far the question what the engine says of a container has come. */
export type FactsReading =
  | { readonly state: 'reading' }
  | { readonly state: 'read'; readonly facts: ContainerFacts }
  | { readonly state: 'failed'; readonly message: string };

/**
 * Asks the engine, and asks anew when the container has changed: then other addresses may hold; and
 * when another monitor runs: the one before may have been away.
 */
export function useContainerFacts({ workload }: WorkloadView): FactsReading {
  const store = useStore();
  const monitor = useView((all) => all.monitor?.startedAt);
  const [reading, setReading] = useState<FactsReading>({ state: 'reading' });
  const { container, state, startedAt, network } = workload;
  const networks = network.kind === 'own' ? network.networks.join(' ') : network.kind;
  useEffect(() => {
    let left = false;
    void store.call('containerFacts', { container }).then((reply) => {
      if (left) return;
      if (reply.ok) {
        setReading({ state: 'read', facts: reply.value });
        return;
      }
      const advice = 'advice' in reply.error ? ` ${reply.error.advice}` : '';
      setReading({ state: 'failed', message: `${reply.error.message}${advice}` });
    });
    return () => {
      left = true;
    };
  }, [store, monitor, container, state, startedAt, networks]);
  return reading;
}
