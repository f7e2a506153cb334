import type { Workload } from '../../model/workload.ts';
import type { GuardParts } from '../guard/guard-parts.ts';
import type { NameListener } from './name-listener.ts';

type Told = Pick<GuardParts, 'show' | 'onObservation'>;

/**
 * What a guard tells, with the names that were heard in the mode observe; there no resolver of
 * Sentra's stands between, and the container could forge the answers that it gets.
 */
export function withHeardNames(
  { show, onObservation }: Told,
  listener: NameListener | undefined,
  current: () => Workload,
): Told {
  if (listener === undefined) return { show, onObservation };
  return {
    onObservation(observation) {
      const { mainPid } = current();
      if (observation.mode !== 'observe' || mainPid === undefined) {
        onObservation(observation);
        return;
      }
      const destinations = observation.destinations.map((each) => ({
        ...each,
        name: each.name ?? listener.nameOf(mainPid, each.address),
      }));
      onObservation({ ...observation, destinations });
    },
    show(workload, sight, dropped) {
      const { mainPid } = workload;
      const isObserved = sight?.state === 'partly' && sight.reason.startsWith('Counted by address');
      if (!isObserved || mainPid === undefined) {
        // Whom nobody can look at right now may be observed all the same.
        if (sight?.state !== 'blind') listener.leave(workload.container);
        show(workload, sight, dropped);
        return;
      }
      // After the look that put the counters up, before there is anything to name.
      listener.listen(workload.container, mainPid);
      const problem = listener.problem(mainPid);
      const reason =
        problem === undefined
          ? 'Only counted; names are those of the DNS answers in its network, which it could forge.'
          : `Counted by address: ${problem}.`;
      show(workload, { state: 'partly', reason }, dropped);
    },
  };
}
