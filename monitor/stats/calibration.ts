import {
  addToHistogram,
  createLogHistogram,
  packHistogram,
  scaleHistogram,
  unpackHistogram,
  type LogHistogram,
} from './log-histogram.ts';

/**
 * Turns any score of at least zero into a p-value: how often the same series has scored as high.
 *
 * Within what was seen it is the conformal p-value (Vovk, Gammerman, Shafer: "Algorithmic Learning
 * in a Random World", 2005) from a fading histogram. Above the highest fiftieth, where counts are
 * few, a Pareto tail goes on from there; its index is Hill's estimate (Annals of Statistics 3, 1975)
 * drawn towards a prior, as peaks over a threshold are used for streams by Siffer et al. (KDD 2017).
 */
export interface Calibration {
  readonly histogram: LogHistogram;
  /** What the next observation weighs: it grows, so that older ones fade without being touched. */
  weight: number;
}

/** Scores below it are alike; the detectors' scores are ratios to a usual size. */
const resolution = 1e-3;
/** The share of the largest scores that the tail is fitted to. */
const tailShare = 0.02;
/** Hill's index before anything was seen, and how many observations that is worth. */
const prior = { index: 0.4, weight: 10 } as const;
/** Fewer observations say nothing. */
const leastSeen = 10;
const logRatio = Math.log(1.2);
const largestWeight = 1e100;

/** Nothing seen: every score has the p-value 1. */
export function createCalibration(): Calibration {
  return { histogram: createLogHistogram(resolution), weight: 1 };
}

/**
 * How probable a score of at least `score` is by what was learned, over 0 to 1. With n observations
 * (fading counted) it is never below 1/(n+1)², whatever the tail says, and never below 1/(n+1) while
 * all scores were alike, where there is no tail to go on from.
 */
export function probabilityOf({ histogram, weight }: Calibration, score: number): number {
  const { counts, floor } = histogram;
  const seen = histogram.total / weight;
  if (seen < leastSeen) return 1;
  const wanted = Math.max(tailShare * seen, 1) * weight;
  const position = score > floor ? Math.log(score / floor) / logRatio : -1;
  const bucket = Math.min(counts.length - 1, Math.max(0, 1 + Math.floor(position)));
  let above = 0;
  for (let at = counts.length - 1; at > bucket && above < wanted; at -= 1) above += counts[at] ?? 0;
  if (above < wanted) return tailProbability(counts, weight, seen, wanted, position);
  for (let at = firstUncounted(counts, wanted); at > bucket; at -= 1) above += counts[at] ?? 0;
  return Math.min(1, (above + (counts[bucket] ?? 0) / 2 + weight) / (histogram.total + weight));
}

/** The bucket below those from the top that together hold `wanted`. */
function firstUncounted(counts: Float64Array, wanted: number): number {
  let sum = 0;
  for (let at = counts.length - 1; at >= 0; at -= 1) {
    sum += counts[at] ?? 0;
    if (sum >= wanted) return at - 1;
  }
  return -1;
}

function tailProbability(
  counts: Float64Array,
  weight: number,
  seen: number,
  wanted: number,
  position: number,
): number {
  const start = firstUncounted(counts, wanted) + 1;
  let inTail = 0;
  let excess = 0;
  for (let at = start; at < counts.length; at += 1) {
    const count = (counts[at] ?? 0) / weight;
    inTail += count;
    excess += count * (at - start + 0.5) * logRatio;
  }
  if (start === 0) return position < 0 ? (inTail / 2 + 1) / (seen + 1) : 1 / (seen + 1);
  const index = (excess + prior.weight * prior.index) / (inTail + prior.weight);
  const beyond = Math.max(0, position - (start - 1)) * logRatio;
  const probability = ((inTail + 1) / (seen + 1)) * Math.exp(-beyond / index);
  return Math.min(1, Math.max(probability, 1 / (seen + 1) ** 2));
}

/** Adds a score; `memory` is after how many observations one has faded to a third (1/e). */
export function learnScore(calibration: Calibration, score: number, memory: number): void {
  addToHistogram(calibration.histogram, score, calibration.weight);
  calibration.weight *= Math.exp(1 / memory);
  if (calibration.weight < largestWeight) return;
  scaleHistogram(calibration.histogram, calibration.weight);
  calibration.weight = 1;
}

/** What was learned, for JSON: pairs of bucket and weight, where the next one weighs 1. */
export type PackedCalibration = readonly (readonly [number, number])[];

/** See `PackedCalibration`. */
export function packCalibration({ histogram, weight }: Calibration): PackedCalibration {
  return packHistogram(histogram).map(([bucket, count]) => [bucket, count / weight] as const);
}

/** What `packCalibration` gave, read back; pairs that make no sense are left out. */
export function unpackCalibration(packed: PackedCalibration): Calibration {
  return { histogram: unpackHistogram(resolution, packed), weight: 1 };
}
