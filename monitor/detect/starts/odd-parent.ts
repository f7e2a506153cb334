import type { Technique } from '../../model/finding.ts';
import type { ProcessStartObservation } from '../../model/observation.ts';
import type { LearnedStarts } from './learned-starts.ts';
import { isInterpreter, isLauncher, isShell } from './program-kind.ts';
import { cut, startInWords } from './start-words.ts';
import type { Suspicion } from './suspicion.ts';

const interpreter: Technique = { id: 'T1059', name: 'Command and Scripting Interpreter' };

/** Under this the parent of what came from outside is learned. */
const outside = 'outside';

/** `parent > child`, as it is learned: in characters of one byte each, for there are many. */
export function pairOf(start: ProcessStartObservation): string {
  return `${start.fromOutside ? outside : start.parentProgram} > ${start.program}`;
}

/**
 * A program, or one started by another, that was never seen while the workload was learned. That alone
 * is recorded and no more: agents do new things all day. It is worth a person's attention where a shell
 * or an interpreter starts beneath a program that ran all the while, starts others by no right of its
 * own, and never did: a server that was broken into. `pair` is that of `pairOf`; `latecomers`: programs
 * first seen after learning.
 */
export function oddParent(
  start: ProcessStartObservation,
  pair: string,
  learned: LearnedStarts,
  latecomers: ReadonlySet<string>,
): Suspicion | undefined {
  const { program, parentProgram } = start;
  if (learned.pairs.has(pair)) return undefined;
  const isNew = !learned.programs.has(program);
  const runsCommands = isShell(program) || isInterpreter(program);
  const mayStartAny =
    start.fromOutside ||
    parentProgram === '' ||
    parentProgram === program ||
    isShell(parentProgram) ||
    isInterpreter(parentProgram) ||
    isLauncher(parentProgram);
  if (runsCommands && !mayStartAny && !latecomers.has(parentProgram)) {
    return {
      kind: 'unusual-process',
      series: 'shell from an odd parent',
      severity: 'medium',
      technique: interpreter,
      sentence: `${startInWords(start)}: while it was learned, ${cut(parentProgram)} never started a shell or an interpreter`,
      learns: [['pairs', pair]],
    };
  }
  return {
    kind: 'unusual-process',
    series: isNew ? 'first seen' : 'first of its parent',
    severity: 'info',
    technique: undefined,
    sentence: isNew
      ? `${startInWords(start)} never ran while the workload was learned`
      : `${startInWords(start)} was never started by it while the workload was learned`,
    learns: [
      ['pairs', pair],
      ['programs', program],
    ],
  };
}
