import type { ProcessStartObservation } from '../../model/observation.ts';
import type { Moment } from '../../model/time.ts';
import { noVerdicts, type Verdict } from '../verdict.ts';
import { isBuilding } from './building.ts';
import { droppedProgram, isExplained, placeOf } from './dropped-program.ts';
import { noteLineage, type Lineage } from './lineage.ts';
import { learnStart, type LearnedStarts } from './learned-starts.ts';
import { oddParent, pairOf } from './odd-parent.ts';
import { reverseShell } from './reverse-shell.ts';
import { setUidProgram } from './set-uid.ts';
import { judgeSuspicions, suspect, type Suspicions } from './suspicion.ts';

/** What is kept of the process starts of one container. */
export interface StartWatch {
  readonly held: Suspicions;
  readonly lineage: Lineage;
  /** Programs that ran first after learning. */
  readonly latecomers: Set<string>;
  /** When a linker or package manager of the image itself was last seen at work. */
  builtAt: Moment | undefined;
}

const mostLatecomers = 2_000;

/** No start seen. */
export function createStartWatch(): StartWatch {
  return { held: new Map(), lineage: new Map(), latecomers: new Set(), builtAt: undefined };
}

/**
 * Takes note of a process start. True when it is suspicious above info. While the workload is learned,
 * and afterwards while nothing is found, what is seen is normal from then on.
 */
export function noteStart(
  watch: StartWatch,
  start: ProcessStartObservation,
  learned: LearnedStarts,
  isLearned: boolean,
  isTrusted: boolean,
  pair = pairOf(start),
): boolean {
  noteLineage(watch.lineage, start);
  if (isBuilding(start, watch.lineage)) watch.builtAt = start.at;
  const found = [
    reverseShell(start),
    droppedProgram(start, learned, isLearned, watch.builtAt),
    setUidProgram(start, learned, isExplained(start.at, watch.builtAt)),
    isLearned ? oddParent(start, pair, learned, watch.latecomers) : undefined,
  ];
  let isGrave = false;
  for (const suspicion of found) {
    if (suspicion === undefined) continue;
    suspect(watch.held, suspicion, start.at);
    isGrave ||= suspicion.severity !== 'info';
  }
  if (isLearned && !learned.programs.has(start.program)) {
    if (watch.latecomers.size < mostLatecomers) watch.latecomers.add(start.program);
  }
  if (!isGrave && isTrusted) {
    learnStart(learned.pairs, pair);
    learnStart(learned.programs, start.program);
    if (start.programIsNew) learnStart(learned.places, placeOf(start));
    for (const suspicion of found) {
      if (suspicion?.kind !== 'escape-attempt') continue;
      for (const [, entry] of suspicion.learns) learnStart(learned.calls, entry);
    }
  }
  return isGrave;
}

/** A person holds the finding of that kind and series normal: it is learned. Or, with `false`, not. */
export function acknowledgeStart(
  watch: StartWatch,
  learned: LearnedStarts,
  slot: string,
  isNormal: boolean,
): void {
  for (const [set, entry] of watch.held.get(slot)?.suspicion.learns ?? []) {
    if (isNormal) learnStart(learned[set], entry);
    else learned[set].delete(entry);
  }
}

/** The verdicts that hold at `at`. */
export function judgeStarts(watch: StartWatch, at: Moment): readonly Verdict[] {
  return watch.held.size === 0 ? noVerdicts : judgeSuspicions(watch.held, at);
}
