import type { Workload } from '../../model/workload.ts';
import type { GuardParts } from '../guard/guard-parts.ts';
import type { NameListener } from './name-listener.ts';

type OnObservation = GuardParts['onObservation'];

/**
 * What a guard tells, with the names that were heard in the mode observe; there no resolver of
 * Sentra's stands between, and the container could forge the answers that it gets.
 */
export function withHeardNames(
  onObservation: OnObservation,
  listener: NameListener | undefined,
  current: () => Workload,
): OnObservation {
  if (listener === undefined) return onObservation;
  return (observation) => {
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
  };
}
