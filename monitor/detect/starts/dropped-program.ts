import type { Technique } from '../../model/finding.ts';
import type { ProcessStartObservation } from '../../model/observation.ts';
import type { Milliseconds, Moment } from '../../model/time.ts';
import type { LearnedStarts } from './learned-starts.ts';
import { looseFolder } from './program-kind.ts';
import { startInWords } from './start-words.ts';
import type { Suspicion } from './suspicion.ts';

const transfer: Technique = { id: 'T1105', name: 'Ingress Tool Transfer' };
const reflective: Technique = { id: 'T1620', name: 'Reflective Code Loading' };

/** How long a build or an installation explains a program that was not there before. */
const buildMs: Milliseconds = 15 * 60_000;

/** Under this a program in memory is learned, when a person holds it normal. */
const memory = 'memory';

/** Whether what was not there before is explained by what was built or installed. */
export function isExplained(at: Moment, builtAt: Moment | undefined): boolean {
  return builtAt !== undefined && Math.abs(at - builtAt) < buildMs;
}

/** Where a program that was made since the start lies, as coarsely as it is learned. */
export function placeOf({ program, inMemory }: ProcessStartObservation): string {
  if (inMemory) return memory;
  return looseFolder(program) ?? program.slice(0, Math.max(1, program.lastIndexOf('/')));
}

/**
 * A program that was made since the container started, or is in memory alone. Memory needs no history:
 * hardly anything runs from there by right. For a file it does, and the finding is grave only where
 * anybody may put one, and where no linker or package manager of the image was at work before.
 */
export function droppedProgram(
  start: ProcessStartObservation,
  learned: LearnedStarts,
  isLearned: boolean,
  builtAt: Moment | undefined,
): Suspicion | undefined {
  if (!start.inMemory && (!start.programIsNew || !isLearned)) return undefined;
  const place = placeOf(start);
  if (learned.places.has(place)) return undefined;
  const about = { kind: 'dropped-program', learns: [['places', place]] } as const;
  if (start.inMemory) {
    return {
      ...about,
      series: memory,
      severity: 'high',
      technique: reflective,
      sentence: `${startInWords(start)} runs from a file that no folder holds: from memory, or removed before it ran`,
    };
  }
  const explained = isExplained(start.at, builtAt);
  const isLoose = looseFolder(start.program) !== undefined;
  const isGrave = isLoose && !explained;
  return {
    ...about,
    series: isGrave ? 'dropped' : 'made',
    severity: isGrave ? 'medium' : 'info',
    technique: transfer,
    sentence:
      `${startInWords(start)} was put there since the container started; while it was learned, ` +
      `nothing new ran from ${place}` +
      (explained ? ', and programs have been built or installed since' : ''),
  };
}
