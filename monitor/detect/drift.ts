import type { Milliseconds, Moment } from '../model/time.ts';
import { createRing, latestOfRing, pushToRing, ringAt, type Ring } from '../stats/ring.ts';
import { rangeOf, type LearnedBaseline } from './learned.ts';
import type { Second } from './second.ts';
import type { Verdict } from './verdict.ts';
import { bytesInWords, countInWords, spanInWords } from './words.ts';

/** The series that only a fault lets grow without end. */
export type DriftingSeries = 'memory' | 'processes';

/** A slow, steady rise, looked at in blocks of ten seconds. */
export interface Drift {
  readonly series: DriftingSeries;
  readonly blockAt: Ring;
  readonly blockMean: Ring;
  sum: number;
  summedMs: Milliseconds;
  /** The learned top when the rise began. */
  learnedTop: number;
  risingBlocks: number;
  /** The finding goes on while the last block still belongs to the rise. */
  verdict: Verdict | undefined;
}

const blockMs = 10_000;

/**
 * Twelve rises in a row. Were each block as likely to fall as to rise, that would happen by chance
 * once in 4,096 tries; that the steps are also even rules out the noise that such chance needs.
 */
const neededBlocks = 12;

/** A rise smaller than this is no drift, whatever its shape. */
const leastGrowth: Readonly<Record<DriftingSeries, number>> = { memory: 48_000_000, processes: 20 };

/** Nothing so far. */
export function createDrift(name: DriftingSeries): Drift {
  return {
    series: name,
    blockAt: createRing(neededBlocks + 1),
    blockMean: createRing(neededBlocks + 1),
    sum: 0,
    summedMs: 0,
    learnedTop: 0,
    risingBlocks: 0,
    verdict: undefined,
  };
}

/** Forgets the rise, after a gap. */
export function restartDrift(drift: Drift): void {
  drift.blockAt.size = 0;
  drift.blockAt.next = 0;
  drift.blockMean.size = 0;
  drift.blockMean.next = 0;
  drift.sum = 0;
  drift.summedMs = 0;
  drift.risingBlocks = 0;
  drift.verdict = undefined;
}

/** Watches for steady growth over two minutes that goes beyond the learned range. */
export function judgeDrift(
  drift: Drift,
  second: Second,
  baseline: LearnedBaseline,
): Verdict | undefined {
  const value = drift.series === 'memory' ? second.anonymousBytes : second.pids;
  drift.sum += value * second.intervalMs;
  drift.summedMs += second.intervalMs;
  if (drift.summedMs < blockMs) return drift.verdict;
  const mean = drift.sum / drift.summedMs;
  const before = ringAt(drift.blockMean, 0);
  drift.sum = 0;
  drift.summedMs = 0;
  pushToRing(drift.blockAt, second.at);
  pushToRing(drift.blockMean, mean);
  const noise = drift.series === 'memory' ? 500_000 : 0.5;
  drift.risingBlocks = before !== undefined && mean > before + noise ? drift.risingBlocks + 1 : 0;
  if (drift.risingBlocks <= 1) drift.learnedTop = rangeOf(baseline, drift.series).top;
  drift.verdict = verdictOf(drift, second.at);
  return drift.verdict;
}

function verdictOf(drift: Drift, at: Moment): Verdict | undefined {
  if (drift.risingBlocks < neededBlocks) return undefined;
  const means = latestOfRing(drift.blockMean, neededBlocks + 1);
  const moments = latestOfRing(drift.blockAt, neededBlocks + 1);
  const first = means[0] ?? 0;
  const last = means.at(-1) ?? 0;
  const grown = last - first;
  const onsetAt = (moments[0] ?? at) - blockMs;
  const step = grown / neededBlocks;
  let unevenness = 0;
  for (let index = 1; index < means.length; index += 1) {
    unevenness += ((means[index] ?? 0) - (means[index - 1] ?? 0) - step) ** 2 / neededBlocks;
  }
  const even = Math.sqrt(unevenness) < 0.6 * step;
  const beyond = last > 1.2 * drift.learnedTop + 0.5 * leastGrowth[drift.series];
  if (!even || !beyond || grown < leastGrowth[drift.series]) return undefined;

  const inWords = drift.series === 'memory' ? bytesInWords : countInWords;
  const rate = (1000 * grown) / (at - onsetAt - blockMs);
  return {
    kind: 'drift',
    series: drift.series,
    severity: 'medium',
    score: Math.min(1, 1 - drift.learnedTop / last),
    onsetAt,
    sentence:
      `${drift.series === 'memory' ? 'Memory' : 'The number of processes'} has grown steadily for ` +
      `${spanInWords(at - onsetAt)}, by ${drift.series === 'memory' ? bytesInWords(rate) : rate.toFixed(1)} ` +
      `a second from ${inWords(first)} to ${inWords(last)}, and never fell; until then it was hardly ` +
      `ever above ${inWords(drift.learnedTop)}.`,
    evidence: [
      {
        series: drift.series,
        unit: drift.series === 'memory' ? 'bytes' : 'processes',
        observed: last,
        expected: { low: 0, high: drift.learnedTop },
        recent: moments.map((moment, index) => ({ at: moment, value: means[index] ?? 0 })),
      },
    ],
    technique: { id: 'T1499.001', name: 'Endpoint Denial of Service: OS Exhaustion Flood' },
  };
}
