import type { ContainerObservation } from '../../../monitor/model/observation.ts';
import type { Moment } from '../../../monitor/model/time.ts';
import { shuffled } from '../../scenarios/work.ts';
import type { Phase, RecordedWork } from './work-recording.ts';

/**
 * Endless work of one container: its recorded phases first as they were and then in orders drawn
 * anew, each round all of them, with the times in the observations moved so that one follows the
 * other from `start` on.
 */
export function* stitchedWork(
  { phases }: RecordedWork,
  start: Moment,
  random: () => number,
): Generator<ContainerObservation, never> {
  let clock = start;
  let round: readonly Phase[] = phases;
  for (;;) {
    for (const phase of round) {
      for (const observation of phase.observations) {
        yield { ...observation, at: clock + observation.at - phase.from };
      }
      clock += phase.to - phase.from;
    }
    round = shuffled(phases, random);
  }
}
