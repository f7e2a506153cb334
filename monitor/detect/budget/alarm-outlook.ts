import type { Milliseconds } from '../../model/time.ts';
import { spanInWords } from '../words.ts';
import { alarmStep, thresholdOf, watchedOf, type AlarmBudget } from './alarm-budget.ts';
import { alarmsIn } from './alarm-tally.ts';
import { alarmSources } from './alarm-source.ts';
import { leastRate, memoryMs, rateOf, strengthFor } from './episode-history.ts';

/** What the budget comes to, for a person. Rates are alarms of one container and day. */
export interface AlarmOutlook {
  readonly alarmsPerDay: number;
  /** Container time that was judged. */
  readonly watchedMs: Milliseconds;
  /** What the workload's own history promises at the present threshold. */
  readonly expectedPerDay: number;
  /** What it was, over the last 30 days watched at most; undefined before the first hour. */
  readonly actualPerDay: number | undefined;
  /**
   * Alarms in that time, those that the budget does not rule on among them, and how many of them a
   * person called false.
   */
  readonly told: number;
  readonly markedFalse: number;
  /** What is told: episodes that come once in so long, or more rarely. */
  readonly onceInMs: Milliseconds;
  readonly claim: Claim;
}

/** What may be claimed of a resource series or a kind of call after so much watching. */
export type Claim =
  /** Nothing that rests on the workload's own history; from about so much more watching on. */
  | { readonly state: 'nothing'; readonly leftMs: Milliseconds }
  /** What goes so many times beyond all that there was. */
  | { readonly state: 'beyond'; readonly times: number };

const dayMs: Milliseconds = 86_400_000;
const hourMs: Milliseconds = 3_600_000;

/** Expected and actual rates, and what may be claimed. Changes nothing. */
export function outlookOf(budget: AlarmBudget): AlarmOutlook {
  const threshold = thresholdOf(budget);
  let expected = 0;
  for (const source of alarmSources) {
    const watched = watchedOf(budget, source);
    const own = thresholdOf(budget, source);
    if (leastRate(watched) <= own) expected += Math.min(own, rateOf(watched, 0));
  }
  const { watchedMs } = budget;
  const told = alarmsIn(budget.alarms, watchedMs);
  const days = Math.min(watchedMs, memoryMs) / dayMs;
  return {
    alarmsPerDay: budget.alarmsPerDay,
    watchedMs,
    // Were it more, the correction would hold it down.
    expectedPerDay: Math.min(budget.alarmsPerDay, expected * dayMs),
    actualPerDay: watchedMs < hourMs ? undefined : told / days,
    told,
    markedFalse: budget.markedFalse.filter(({ atMs }) => watchedMs - atMs <= memoryMs).length,
    onceInMs: 1 / threshold,
    claim: claimOf(budget),
  };
}

/** Of a source that has had no episode; one that has had some claims less. */
function claimOf(budget: AlarmBudget): Claim {
  const watched = { history: [], watchedMs: budget.watchedMs, priorMs: 0 };
  const strength = strengthFor(watched, thresholdOf(budget));
  if (strength !== undefined) return { state: 'beyond', times: Math.exp(strength) };
  // The threshold rises and the least rate falls with time: halve the interval between.
  let [from, to] = [0, memoryMs];
  while (to - from > 60_000) {
    const middle = (from + to) / 2;
    const earned = (alarmStep * budget.alarmsPerDay * middle) / dayMs;
    const correction = Math.min(0, budget.correction + earned);
    const later = { ...watched, watchedMs: budget.watchedMs + middle };
    if (leastRate(later) <= thresholdOf({ ...budget, correction })) to = middle;
    else from = middle;
  }
  return { state: 'nothing', leftMs: to };
}

/** What may be claimed, in words for the status of a container. */
export function claimInWords({ claim }: Pick<AlarmOutlook, 'claim'>): string {
  switch (claim.state) {
    case 'nothing':
      return (
        'Too new to tell what is unusual for it: runaways, floods, escapes and data in DNS names are ' +
        `told, the rest is recorded for about ${roughly(claim.leftMs)} more.`
      );
    case 'beyond':
      return claim.times < 1.05
        ? 'What goes beyond all that it has done is told.'
        : `What goes ${claim.times.toPrecision(2)} times beyond all that it has done is told.`;
  }
}

/** Hours where there are any, for nobody can know the minutes. */
function roughly(span: Milliseconds): string {
  const hours = Math.round(span / hourMs);
  return hours >= 48 ? `${Math.round(hours / 24)} days` : spanInWords(Math.max(1, hours) * hourMs);
}
