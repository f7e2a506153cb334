import type { Milliseconds, Moment } from '../model/time.ts';
import { ringAt } from '../stats/ring.ts';
import { learnTime, learnValue, type LearnedBaseline } from './learned.ts';
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

/** Whether enough has been seen of a workload to judge it by its own history. */
export function learningOf(baseline: LearnedBaseline, settings: DetectSettings): Learning {
  const leftMs = settings.learnMs - baseline.learnedMs;
  return leftMs > 0 ? { state: 'learning', leftMs } : { state: 'learned' };
}

/** Whether what was seen at that moment belongs to a finding, and is not to be learned. */
export function isMistrusted({ mistrust }: ContainerWatch, at: Moment): boolean {
  return mistrust !== undefined && at >= mistrust.from && at <= mistrust.until;
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
  for (const name of seriesNames) {
    const value = ringAt(watch.recent.values[name], back);
    if (value === undefined || Number.isNaN(value)) continue;
    // Only these two are held against what was sustained.
    const floor =
      name === 'cpu' || name === 'sent' ? sustainedLevel(watch.recent, name, back) : undefined;
    learnValue(baseline, name, value, floor);
  }
  learnTime(baseline, second.intervalMs);
}
