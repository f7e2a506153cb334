import type { SyscallsObservation } from '../../model/observation.ts';
import type { Milliseconds, Moment } from '../../model/time.ts';
import { ruledVerdict } from '../budget/ruled-verdict.ts';
import type { Profile } from '../profile.ts';
import type { Verdict } from '../verdict.ts';
import { keepLate, learnLate, type LateMix } from './late-mix.ts';
import {
  farthestOf,
  learnMix,
  nearestMix,
  noteDistance,
  placeOf,
  watchMixes,
  type LearnedMixes,
  type NearestMix,
} from './learned-mixes.ts';
import { tellMix, type ToldMix } from './mix-sentence.ts';

/** The mix of calls of one container over the latest minute. The step updates it in place. */
export interface CallMix {
  /** Counts by place of the ten seconds that go on, and how long they have lasted. */
  counts: number[];
  lastedMs: Milliseconds;
  /** When the latest interval ended, counted or passed over; undefined before any. */
  lastAt: Moment | undefined;
  /** The same of the ten seconds before, oldest first, `blocksOfAMinute` at most, and when each ended. */
  readonly blocks: { readonly at: Moment; readonly counts: readonly number[] }[];
  /** Minutes that are not learned yet, oldest first; every third brings the counts of its later half. */
  readonly waiting: WaitingMinute[];
  /** Blocks since a half was last put aside to be learned. */
  sinceLearned: number;
  found: FoundMix | undefined;
  lately: LateMix | undefined;
  /** Outward calls since `takeOutwardCalls` was asked last, and over how long. */
  readonly outward: { calls: number; lastedMs: Milliseconds };
}

interface WaitingMinute {
  readonly at: Moment;
  /** From what was known by then; undefined where nothing was. */
  readonly distance: number | undefined;
  /** Whether programs that are new explain it. */
  readonly isExplained: boolean;
  readonly counts: readonly number[] | undefined;
}

/** What holds until the next ten seconds are over. */
interface FoundMix {
  readonly onsetAt: Moment;
  readonly verdict: Verdict;
  /** The latest distances, oldest first. */
  readonly distances: { readonly at: Moment; readonly value: number }[];
}

/** What has to be known beside the calls. */
export interface MixStep {
  /** Whether the workload is new: what it does is learned and not judged. */
  readonly learning: boolean;
  /** Whether what was seen at that moment belongs to a finding. */
  readonly mistrusted: (at: Moment) => boolean;
  /** When the workload last started what it had never started before; undefined where starts are not seen. */
  readonly unfamiliarAt: Moment | undefined;
}

/** Ten seconds; six of them are a minute. */
export const blockMs: Milliseconds = 10_000;
export const blocksOfAMinute = 6;
const blocksOfAHalf = 3;

/** An interval or a silence longer than this breaks the minute. */
const gapMs: Milliseconds = 12_000;

/** Intervals are never exact. */
const toleranceMs: Milliseconds = 500;

/** What was seen is learned so many blocks later, when it belongs to no finding by then. */
const lagBlocks = 12;

/** With less history nothing is said: whatever comes next is a record more often than not within an hour. */
export const leastWatchedMs: Milliseconds = 3_600_000;

/** Distances below it are alike. */
const leastDistance = 0.01;

/** No distance is greater than 1: no strength than this. */
export const mostMixStrength = Math.log((1 + leastDistance) / leastDistance);

/** Half as far again as ever; what is less is learned and not told. */
const leastStrength = Math.log(1.5);

/** A program that is new explains what is new for so long; see `call-alarm.ts`. */
const unfamiliarMs: Milliseconds = 600_000;

/** What the series of its findings is called. */
export const mixSeries = 'mix of system calls';

const mostPoints = 60;

/** Nothing seen. */
export function createCallMix(): CallMix {
  return {
    counts: [],
    lastedMs: 0,
    lastAt: undefined,
    blocks: [],
    waiting: [],
    sinceLearned: 0,
    found: undefined,
    lately: undefined,
    outward: { calls: 0, lastedMs: 0 },
  };
}

/** A gap, or the container stood still: what follows does not continue what was before. */
export function breakCallMix(mix: CallMix): void {
  Object.assign(mix, { ...createCallMix(), lately: mix.lately });
}

/** Outward calls a second since this was asked last; undefined where none were looked at. */
export function takeOutwardCalls({ outward }: CallMix): number | undefined {
  const { calls, lastedMs } = outward;
  outward.calls = 0;
  outward.lastedMs = 0;
  return lastedMs > 0 ? (1000 * calls) / lastedMs : undefined;
}

/** The calls of an interval are passed over: time stands still, and what follows continues what was before. */
export function passCallMix(mix: CallMix, at: Moment): void {
  mix.lastAt = at;
}

/**
 * Takes the calls of one interval, and every ten seconds holds the mix of the latest minute against
 * those that are known of the workload. How far the nearer of its halves lies from
 * the nearest, as a ratio to the farthest that a minute ever lay from what was known by then, is its
 * strength: beyond by half of that it is ruled on by the budget of alarms, as a source of its own. New work has another mix, and comes with programs
 * that never ran: within ten minutes of one it is recorded, not ruled on, and no minute is held against
 * it. A minute is learned two minutes later, if it belongs to no finding by then. After a silence, as of a
 * sensor that was away, or a clock that jumped, the minute begins anew. Undefined while nothing is beyond.
 */
export function judgeCallMix(
  mix: CallMix,
  { mixes, budget }: Pick<Profile, 'mixes' | 'budget'>,
  { at, intervalMs, counts }: Pick<SyscallsObservation, 'at' | 'intervalMs' | 'counts'>,
  step: MixStep,
): Verdict | undefined {
  const { lastAt } = mix;
  const silence = lastAt === undefined ? 0 : Math.abs(at - intervalMs - lastAt);
  if (silence > gapMs || intervalMs > gapMs) breakCallMix(mix);
  mix.lastAt = at;
  if (intervalMs > gapMs) return undefined;
  for (const name in counts) {
    const count = counts[name] ?? 0;
    if (!(count > 0 && count < Number.MAX_SAFE_INTEGER)) continue;
    const place = placeOf(mixes, name);
    if (place === undefined) continue;
    while (mix.counts.length <= place) mix.counts.push(0);
    mix.counts[place] = (mix.counts[place] ?? 0) + count;
    mix.outward.calls += count;
  }
  mix.outward.lastedMs += intervalMs;
  mix.lastedMs += intervalMs;
  if (mix.lastedMs >= blockMs - toleranceMs) {
    watchMixes(mixes, mix.lastedMs);
    endBlock(mix, at);
    mix.found = judgeMinute(mix, { mixes, budget }, at, step);
    learnDue(mix, mixes, step);
  }
  return mix.found?.verdict;
}

function endBlock(mix: CallMix, at: Moment): void {
  mix.blocks.push({ at, counts: mix.counts });
  if (mix.blocks.length > blocksOfAMinute) mix.blocks.shift();
  mix.counts = [];
  mix.lastedMs = 0;
}

function judgeMinute(
  mix: CallMix,
  { mixes, budget }: Pick<Profile, 'mixes' | 'budget'>,
  at: Moment,
  { learning, unfamiliarAt }: MixStep,
): FoundMix | undefined {
  if (mix.blocks.length < blocksOfAMinute) return undefined;
  const latest = sumOfBlocks(mix.blocks.slice(-blocksOfAHalf));
  const nearest = nearerHalf(mixes, sumOfBlocks(mix.blocks.slice(0, blocksOfAHalf)), latest);
  const isExplained =
    unfamiliarAt !== undefined && at - blocksOfAMinute * blockMs - unfamiliarAt <= unfamiliarMs;
  mix.sinceLearned += 1;
  const isDue = mix.sinceLearned >= blocksOfAHalf;
  if (isDue) mix.sinceLearned = 0;
  const { distance } = nearest ?? {};
  mix.waiting.push({ at, distance, isExplained, counts: isDue ? latest : undefined });
  if (nearest === undefined || learning || mixes.watchedMs < leastWatchedMs) return undefined;
  const farthest = farthestOf(mixes);
  const strength = Math.log((nearest.distance + leastDistance) / (farthest + leastDistance));
  if (strength <= leastStrength) return undefined;
  // Both halves of the minute are far, so it began with it.
  const onsetAt = mix.found?.onsetAt ?? at - blocksOfAMinute * blockMs;
  const distances = [
    ...(mix.found?.distances ?? distancesOf(mix.waiting.slice(0, -1))),
    { at, value: nearest.distance },
  ].slice(-mostPoints);
  const told = tellMix(mixes, {
    blocks: mix.blocks,
    nearest,
    lastedMs: at - onsetAt,
    isExplained,
  });
  const found: Verdict = {
    sentence: told.sentence,
    kind: 'unusual-calls',
    series: mixSeries,
    severity: isExplained ? 'info' : 'medium',
    score: 1 - Math.exp(-strength),
    onsetAt,
    evidence: [
      {
        series: 'distance from its usual mixes of calls',
        unit: 'share',
        observed: nearest.distance,
        expected: { low: 0, high: farthest },
        recent: distances,
      },
      ...told.evidence,
    ],
    technique: undefined,
  };
  const verdict = isExplained
    ? found
    : ruledVerdict(budget, { source: 'call-mix', strength, at, ownMs: mixes.watchedMs }, found);
  if (verdict.severity !== 'info') {
    const half = { counts: latest, distance: nearest.distance, isDue };
    mix.lately = keepLate(mix.lately, onsetAt, half);
  }
  return { onsetAt, verdict, distances };
}

/** In which shares the latest minute differs from what is known, beyond the record or not. */
export function mixLately({ blocks }: CallMix, mixes: LearnedMixes): ToldMix | undefined {
  const nearest = nearestMix(mixes, sumOfBlocks(blocks), leastDistance);
  if (nearest === undefined) return undefined;
  return tellMix(mixes, { blocks, nearest, lastedMs: 0, isExplained: false });
}

function distancesOf(minutes: readonly WaitingMinute[]): FoundMix['distances'] {
  return minutes.flatMap(({ at, distance }) =>
    distance === undefined ? [] : [{ at, value: distance }],
  );
}

/**
 * Of the two halves of a minute, how far the one lies that is nearer to a known mix: a minute in which
 * work went over from one kind to another is a blend of both, and its halves are not.
 */
function nearerHalf(
  mixes: LearnedMixes,
  one: readonly number[],
  other: readonly number[],
): NearestMix | undefined {
  const enough = Math.max(leastDistance, farthestOf(mixes));
  const [first, second] = [nearestMix(mixes, one, enough), nearestMix(mixes, other, enough)];
  return (first?.distance ?? Infinity) < (second?.distance ?? Infinity) ? first : second;
}

function sumOfBlocks(blocks: CallMix['blocks']): number[] {
  const sum: number[] = [];
  for (const { counts } of blocks) {
    for (let place = 0; place < counts.length; place += 1) {
      while (sum.length <= place) sum.push(0);
      sum[place] = (sum[place] ?? 0) + (counts[place] ?? 0);
    }
  }
  return sum;
}

function learnDue(mix: CallMix, mixes: LearnedMixes, { mistrusted }: MixStep): void {
  while (mix.waiting.length > lagBlocks) {
    const due = mix.waiting.shift();
    if (due === undefined || mistrusted(due.at)) continue;
    learnWaiting(mixes, due);
  }
}

function learnWaiting(mixes: LearnedMixes, { distance, isExplained, counts }: WaitingMinute): void {
  if (distance !== undefined && !isExplained) noteDistance(mixes, distance);
  if (counts !== undefined) learnMix(mixes, counts);
}

/** The person holds normal what was told with this onset: that is learned, and nothing else. */
export function acceptCallMix(mix: CallMix, mixes: LearnedMixes, onsetAt: Moment): void {
  const { lately } = mix;
  if (lately === undefined || Math.round(lately.onsetAt) !== onsetAt) return;
  learnLate(lately, mixes);
  mix.lately = undefined;
  mix.found = undefined;
}
