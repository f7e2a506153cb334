import {
  addToBucket,
  addToHistogram,
  bucketCount,
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
 * in a Random World", 2005) from a fading histogram. Above the highest hundredth, where counts are
 * few, a Pareto tail goes on from there, as peaks over a threshold do for streams in Siffer et al.
 * (KDD 2017); its index is the likeliest one for grouped values (Hill's, Annals of Statistics 3,
 * 1975, for buckets), drawn towards a prior.
 */
export interface Calibration {
  readonly histogram: LogHistogram;
  /** What the next observation weighs: it grows, so that older ones fade without being touched. */
  weight: number;
}

/** Scores below it are alike; the detectors' scores are ratios to a usual size. */
const resolution = 1e-3;
/** The share of the largest scores that the tail is fitted to. */
const tailShare = 0.01;
/** How many buckets a tail reaches on average before any was seen, and what that is worth in scores. */
const prior = { buckets: 1.7, weight: 10 } as const;
/** Fewer observations say nothing. */
const leastSeen = 10;
const logRatio = Math.log(1.2);
const largestWeight = 1e20;

/** Nothing seen: every score has the p-value 1. */
export function createCalibration(): Calibration {
  return { histogram: createLogHistogram(resolution), weight: 1 };
}

/** How many scores were learned, faded ones counted as what is left of them. */
export function scoresIn({ histogram, weight }: Calibration): number {
  return histogram.total / weight;
}

/**
 * How probable a score of at least `score` is by what was learned, over 0 to 1. With n observations
 * (fading counted) it is never below 1/(n+1)², whatever the tail says, and never below 1/(n+1) where
 * nothing lies in the tail, as while all scores were alike.
 */
export function probabilityOf(calibration: Calibration, score: number): number {
  return probabilityAt(calibration, positionOf(calibration, score));
}

/**
 * How probable the score is, as `probabilityOf` says, and learns it afterwards: one look-up for both. See
 * `learnScore` for `memory`.
 */
export function judgeScore(calibration: Calibration, score: number, memory: number): number {
  const position = positionOf(calibration, score);
  const probability = probabilityAt(calibration, position);
  const { histogram, weight } = calibration;
  // The lowest value that a histogram tells apart lies in its second bucket, and counts as nothing here.
  const bucket = score === histogram.floor ? 1 : Math.floor(position);
  addToBucket(histogram, Math.min(bucketCount - 1, bucket), weight);
  grow(calibration, memory);
  return probability;
}

/** Where a score lies, in buckets and parts of them; 0 for what is not told apart from nothing. */
function positionOf({ histogram: { floor } }: Calibration, score: number): number {
  return score > floor ? 1 + Math.log(score / floor) / logRatio : 0;
}

function probabilityAt({ histogram, weight }: Calibration, position: number): number {
  const { counts, total } = histogram;
  const seen = total / weight;
  if (seen < leastSeen) return 1;
  const bucket = Math.min(bucketCount - 1, Math.floor(position));
  const wanted = Math.max(tailShare * seen, 1) * weight;
  let above = 0;
  for (let at = counts.length - 1; at > bucket; at -= 1) above += counts[at] ?? 0;
  const own = counts[bucket] ?? 0;
  // Nearly always: the tail begins in this bucket or above it.
  if (above + own >= wanted || bucket === 0) {
    return Math.min(1, (above + own / 2 + weight) / (total + weight));
  }
  return tailProbability(tailOf(counts, wanted), weight, seen, position);
}

/** The bucket that the tail lies above, and the weight and the mean number of buckets beyond it. */
interface Tail {
  readonly start: number;
  readonly above: number;
  readonly excess: number;
}

/** The largest tail that is no more than `wanted`. */
function tailOf(counts: Float32Array, wanted: number): Tail {
  let above = 0;
  let excess = 0;
  for (let at = counts.length - 1; at >= 0; at -= 1) {
    const count = counts[at] ?? 0;
    if (above + count >= wanted) return { start: at, above, excess };
    above += count;
    excess += above;
  }
  return { start: 0, above, excess };
}

function tailProbability(tail: Tail, weight: number, seen: number, position: number): number {
  const count = tail.above / weight;
  const least = 1 / (seen + 1);
  if (count < 1) return least;
  // Whole buckets are geometrically distributed where the logarithm is exponentially.
  const buckets = tail.excess / weight - count;
  const mean = (buckets + prior.weight * prior.buckets) / (count + prior.weight);
  const decay = Math.log(1 + 1 / mean);
  const probability = (count + 1) * least * Math.exp(-decay * (position - tail.start - 1));
  return Math.min(1, Math.max(probability, least * least));
}

/** What the weight grows by with each score; the memory is nearly always the same. */
const growth = { memory: 0, by: 1 };

function growthOf(memory: number): number {
  if (growth.memory !== memory) Object.assign(growth, { memory, by: Math.exp(1 / memory) });
  return growth.by;
}

/** Adds a score; `memory` is after how many observations one has faded to a third (1/e). */
export function learnScore(calibration: Calibration, score: number, memory: number): void {
  addToHistogram(calibration.histogram, score, calibration.weight);
  grow(calibration, memory);
}

function grow(calibration: Calibration, memory: number): void {
  calibration.weight *= growthOf(memory);
  if (calibration.weight < largestWeight) return;
  scaleHistogram(calibration.histogram, calibration.weight);
  calibration.weight = 1;
}

/** What was learned, for JSON: pairs of bucket and weight, where the next one weighs 1. */
export type PackedCalibration = readonly (readonly [number, number])[];

/** See `PackedCalibration`. */
export function packCalibration({ histogram, weight }: Calibration): PackedCalibration {
  return packHistogram(histogram).map(
    ([bucket, count]) => [bucket, Math.fround(count / weight)] as const,
  );
}

/** What `packCalibration` gave, read back; pairs that make no sense are left out. */
export function unpackCalibration(packed: PackedCalibration): Calibration {
  return { histogram: unpackHistogram(resolution, packed), weight: 1 };
}
