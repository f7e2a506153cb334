import type { Milliseconds, Moment } from '../model/time.ts';
import { ringAt } from '../stats/ring.ts';
import { isSustained, learnTime, learnValue, type LearnedBaseline } from './learned.ts';
import { sustainedLevel } from './recent.ts';
import type { Second } from './second.ts';
import { seriesNames } from './series.ts';
import type { DetectSettings } from './settings.ts';
import type { ContainerWatch } from './container-watch.ts';

/**
 * How long a second waits before it is learned, once the workload is known: what turns out to belong
 * to a finding is then left out. Longer than the slowest detector needs.
 */
const learningLag = 124;

/**
 * While a workload is new, a second waits only so long: enough for the quick detectors, which judge
 * without history, to claim it first.
 */
const newLag = 15;

/** How far a workload has been learned. */
export type Learning =
  { readonly state: 'learning'; readonly leftMs: Milliseconds } | { readonly state: 'learned' };

const isLearned: Learning = { state: 'learned' };

/** Whether enough has been seen of a workload to judge it by its own history. */
export function learningOf(baseline: LearnedBaseline, settings: DetectSettings): Learning {
  const leftMs = settings.learnMs - baseline.learnedMs;
  return leftMs > 0 ? { state: 'learning', leftMs } : isLearned;
}

/** Whether what was seen at that moment belongs to a finding, and is not to be learned. */
export function isMistrusted({ mistrust }: ContainerWatch, at: Moment): boolean {
  return mistrust !== undefined && at >= mistrust.from && at <= mistrust.until;
}

/** A longer span was not observed as a whole, and counts as one second. */
const longestSpan = 10;

/** How many seconds the value stands for: a container that stands still is told of less often. */
function secondsOf(watch: ContainerWatch, back: number, at: Moment): number {
  const before = ringAt(watch.recent.at, back + 1);
  const seconds = before === undefined ? 1 : Math.round((at - before) / 1000);
  return seconds >= 1 && seconds <= longestSpan ? seconds : 1;
}

/**
 * A second is learned some time after it was seen, unless it belongs to a finding by then: an attack
 * does not teach.
 */
export function learn(
  watch: ContainerWatch,
  baseline: LearnedBaseline,
  second: Second,
  learned: boolean,
  learnMs: Milliseconds,
): void {
  const back = learned ? learningLag : Math.min(newLag, Math.ceil(learnMs / 1000));
  const at = ringAt(watch.recent.at, back);
  if (at === undefined || at <= watch.learnedUntil) return;
  watch.learnedUntil = at;
  if (isMistrusted(watch, at)) return;
  const times = secondsOf(watch, back, at);
  for (const name of seriesNames) {
    const value = ringAt(watch.recent.values[name], back);
    if (value === undefined || Number.isNaN(value)) continue;
    const floor = isSustained(name) ? sustainedLevel(watch.recent, name, back) : undefined;
    for (let time = 0; time < times; time += 1) learnValue(baseline, name, value, floor);
  }
  learnTime(baseline, second.intervalMs);
}
