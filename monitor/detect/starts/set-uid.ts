import type { Technique } from '../../model/finding.ts';
import type { ProcessStartObservation } from '../../model/observation.ts';
import type { LearnedStarts } from './learned-starts.ts';
import { looseFolder } from './program-kind.ts';
import { startInWords } from './start-words.ts';
import type { Suspicion } from './suspicion.ts';

const setUid: Technique = { id: 'T1548.001', name: 'Setuid and Setgid' };

/** Under this a set-uid program is learned. */
function entryOf({ program }: ProcessStartObservation): string {
  return `set-uid ${program}`;
}

/**
 * A program that somebody who is not root becomes root by, and whose file was made or changed since the
 * container started, or lies where anybody may put one. Those that the image brings, sudo and its like,
 * are its makers' will. One that is installed is learned when it first runs: `isBuilt`, within the time
 * that an installation explains it. A changed mode counts as a change: so does `chmod u+s /bin/bash`.
 */
export function setUidProgram(
  start: ProcessStartObservation,
  learned: LearnedStarts,
  isBuilt: boolean,
): Suspicion | undefined {
  if (start.gainsRoot !== true || learned.calls.has(entryOf(start))) return undefined;
  const isLoose = looseFolder(start.program) !== undefined;
  if (!start.programIsNew && !isLoose) return undefined;
  const isExplained = isBuilt && !isLoose;
  return {
    kind: 'escape-attempt',
    series: isExplained ? 'set-uid program, installed' : 'set-uid program',
    severity: isExplained ? 'info' : 'medium',
    technique: setUid,
    sentence:
      `${startInWords(start)} made root of user ${start.uid} by its set-uid bit` +
      (start.programIsNew ? '; it was put there or changed since the container started' : '') +
      (isExplained ? ', and programs have been installed since' : ''),
    learns: [['calls', entryOf(start)]],
  };
}
