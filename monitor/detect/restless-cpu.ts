import type { Milliseconds, Moment } from '../model/time.ts';
import { addToHistogram, histogramTop, type LogHistogram } from '../stats/log-histogram.ts';
import { forgottenShare, type LearnedBaseline } from './learned.ts';
import type { LevelVerdict } from './level-shift.ts';
import { recentEvidence, type Recent } from './recent.ts';
import type { Second } from './second.ts';
import { coresInWords, spanInWords } from './words.ts';

/** The least CPU of the latest blocks of ten seconds, and what waits to be learned of it. */
export interface RestlessCpu {
  /** Of the block that goes on: its least second, and how long it has lasted. */
  least: number;
  lastedMs: Milliseconds;
  /** The least of each of the latest blocks, oldest first; five minutes of them. */
  readonly blocks: number[];
  /** Floors that are not learned yet: of the latest minute and of the latest five. */
  readonly waiting: {
    readonly at: Moment;
    readonly minute: number;
    readonly long: number | undefined;
  }[];
  onsetAt: Moment | undefined;
}

const blockMs: Milliseconds = 10_000;

/** Blocks in a minute, and in the five minutes within which work hardly ever fails to rest. */
export const minuteBlocks = 6;
export const longBlocks = 30;

/** A floor is learned so many blocks later, when it belongs to no finding by then. */
const lagBlocks = 12;

/** What never falls below this is no work to speak of, in cores. */
export const leastCores = 0.05;

/** So many have to be learned before anything is compared with them: five minutes' worth. */
export const leastLearned = 30;

/** Nothing so far. */
export function createRestlessCpu(): RestlessCpu {
  return { least: Infinity, lastedMs: 0, blocks: [], waiting: [], onsetAt: undefined };
}

/**
 * Tells when a container has computed for a minute, or for five, without a second of rest, at twice the
 * level that its busiest such span ever held throughout. Work waits: for a disk, for a package, for a
 * test's time-out, for the model's answer. What mines beside it does not, and so lifts the floor of its
 * minutes, however busy the work above it is; one that takes little is told from the work after five,
 * since the longer a span is, the lower lies what work holds throughout. A long build does the same; so
 * the verdict is *info* unless the budget of alarms finds it rare enough. The strength is the greater
 * of the logarithms of the ratios to the highest floors there were. `mistrusted` says of a moment
 * whether it belongs to a finding.
 */
export function judgeRestless(
  restless: RestlessCpu,
  recent: Recent,
  second: Second,
  baseline: LearnedBaseline,
  mistrusted: (at: Moment) => boolean,
): LevelVerdict | undefined {
  restless.least = Math.min(restless.least, second.cpuCores);
  restless.lastedMs += second.intervalMs;
  if (restless.lastedMs >= blockMs) endBlock(restless, second.at, baseline, mistrusted);
  const { weight } = baseline;
  const minute = riseOf(restless, minuteBlocks, baseline.restless, weight);
  const long = riseOf(restless, longBlocks, baseline.restlessLong, weight);
  const rise = (long?.strength ?? 0) > (minute?.strength ?? 0) ? long : minute;
  if (rise === undefined || rise.strength < Math.LN2) {
    restless.onsetAt = undefined;
    return undefined;
  }
  const { floor, highest, strength, blocks } = rise;
  restless.onsetAt ??= second.at - blocks * blockMs;
  const lasted = spanInWords(second.at - restless.onsetAt);
  const span = blocks === longBlocks ? 'five minutes' : 'minute';
  return {
    strength,
    verdict: {
      kind: 'sustained-cpu',
      series: restlessSeries,
      severity: 'medium',
      score: 1 - Math.exp(-strength),
      onsetAt: restless.onsetAt,
      sentence:
        `Has computed for ${lasted} without a second of rest, with ${coresInWords(floor)} at least, as ` +
        `what mines beside the work does; no ${span} of its work so far held more than ` +
        `${coresInWords(highest)} throughout.`,
      evidence: [recentEvidence(recent, 'cpu', floor, { low: 0, high: highest })],
      technique: { id: 'T1496', name: 'Resource Hijacking' },
    },
  };
}

/** How far the floor of the latest so many blocks lies above all that were learned of such spans. */
interface Rise {
  readonly blocks: number;
  readonly floor: number;
  readonly highest: number;
  readonly strength: number;
}

function riseOf(
  restless: RestlessCpu,
  blocks: number,
  learned: LogHistogram,
  weight: number,
): Rise | undefined {
  if (restless.blocks.length < blocks || learned.total < leastLearned * weight) return undefined;
  const floor = Math.min(restless.least, floorOfBlocks(restless.blocks, blocks));
  if (floor < leastCores) return undefined;
  // Never below the histogram's own floor: beneath it nothing is told apart.
  const highest = Math.max(learned.floor, histogramTop(learned, forgottenShare * weight));
  const strength = Math.log(floor / highest);
  return { blocks, floor, highest, strength };
}

/** The least of the latest so many of all blocks. */
export function floorOfBlocks(all: readonly number[], latest: number): number {
  let floor = Infinity;
  for (let at = all.length - latest; at < all.length; at += 1) {
    floor = Math.min(floor, all[at] ?? Infinity);
  }
  return floor;
}

/** What the series of its findings is called. */
export const restlessSeries = 'CPU without rest';

function endBlock(
  restless: RestlessCpu,
  at: Moment,
  baseline: LearnedBaseline,
  mistrusted: (at: Moment) => boolean,
): void {
  const { blocks, waiting } = restless;
  blocks.push(restless.least);
  restless.least = Infinity;
  restless.lastedMs = 0;
  if (blocks.length > longBlocks) blocks.shift();
  if (blocks.length >= minuteBlocks) {
    const long = blocks.length === longBlocks ? floorOfBlocks(blocks, longBlocks) : undefined;
    waiting.push({ at, minute: floorOfBlocks(blocks, minuteBlocks), long });
  }
  if (waiting.length <= lagBlocks) return;
  const due = waiting.shift();
  if (due === undefined || mistrusted(due.at)) return;
  addToHistogram(baseline.restless, due.minute, baseline.weight);
  if (due.long !== undefined) addToHistogram(baseline.restlessLong, due.long, baseline.weight);
}
