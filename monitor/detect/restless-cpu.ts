import type { Milliseconds, Moment } from '../model/time.ts';
import { addToHistogram, histogramTop } from '../stats/log-histogram.ts';
import { forgottenShare, type LearnedBaseline } from './learned.ts';
import type { LevelVerdict } from './level-shift.ts';
import { recentEvidence, type Recent } from './recent.ts';
import type { Second } from './second.ts';
import { series } from './series.ts';
import { coresInWords, spanInWords } from './words.ts';

/** The least CPU of the latest blocks of ten seconds, and what waits to be learned of it. */
export interface RestlessCpu {
  /** Of the block that goes on: its least second, and how long it has lasted. */
  least: number;
  lastedMs: Milliseconds;
  /** The least of each of the latest blocks, oldest first. */
  readonly blocks: number[];
  /** Minutes that are not learned yet. */
  readonly waiting: { readonly at: Moment; readonly floor: number }[];
  onsetAt: Moment | undefined;
}

const blockMs: Milliseconds = 10_000;

/** Blocks in a minute. */
const minuteBlocks = 6;

/** A minute is learned so many blocks later, when it belongs to no finding by then. */
const lagBlocks = 12;

/** What never falls below this is no work to speak of, in cores. */
const leastCores = 0.05;

/** So many have to be learned before anything is compared with them: five minutes' worth. */
const leastLearned = 30;

/** Nothing so far. */
export function createRestlessCpu(): RestlessCpu {
  return { least: Infinity, lastedMs: 0, blocks: [], waiting: [], onsetAt: undefined };
}

/**
 * Tells when a container has computed for a minute without a second of rest, at twice the level that
 * its busiest minute ever held throughout. Work waits: for a disk, for a package, for a test's
 * time-out, for the model's answer. What mines beside it does not, and so lifts the floor of its
 * minutes, however busy the work above it is. A long build does the same; so the verdict is *info*
 * unless the budget of alarms finds it rare enough. The strength is the logarithm of the ratio to the
 * highest floor there was. `mistrusted` says of a moment whether it belongs to a finding.
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
  const { blocks } = restless;
  if (blocks.length < minuteBlocks) return undefined;
  const floor = Math.min(restless.least, ...blocks);
  const { restless: learned, weight } = baseline;
  const isBusy = floor >= leastCores && learned.total >= leastLearned * weight;
  const highest = isBusy ? histogramTop(learned, forgottenShare * weight) : 0;
  const strength = Math.log((floor + series.cpu.floor) / (highest + series.cpu.floor));
  if (!isBusy || strength < Math.LN2) {
    restless.onsetAt = undefined;
    return undefined;
  }
  restless.onsetAt ??= second.at - minuteBlocks * blockMs;
  const lasted = spanInWords(second.at - restless.onsetAt);
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
        `what mines beside the work does; no minute of its work so far held more than ` +
        `${coresInWords(highest)} throughout.`,
      evidence: [recentEvidence(recent, 'cpu', floor, { low: 0, high: highest })],
      technique: { id: 'T1496', name: 'Resource Hijacking' },
    },
  };
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
  if (blocks.length > minuteBlocks) blocks.shift();
  if (blocks.length === minuteBlocks) waiting.push({ at, floor: Math.min(...blocks) });
  if (waiting.length <= lagBlocks) return;
  const due = waiting.shift();
  if (due === undefined || mistrusted(due.at)) return;
  addToHistogram(baseline.restless, due.floor, baseline.weight);
}
