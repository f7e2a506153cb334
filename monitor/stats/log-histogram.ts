/**
 * A histogram with buckets of equal ratio over non-negative numbers: O(1) to add, a fixed size, any
 * quantile within the ratio. It serves as the learned distribution of a series: no shape is assumed,
 * and a series that never moves still has a bucket's width of spread.
 *
 * Bucketing by the logarithm as in DDSketch (Masson, Rim, Lee, VLDB 2019), with a fixed range.
 */
export interface LogHistogram {
  /** Values below it are alike, in the series' own unit. */
  readonly floor: number;
  /**
   * As many buckets as were reached, and no more: most series stay far below the last. In
   * single precision, which tells one second in sixteen million; weights have to stay below 1e30.
   */
  counts: Float32Array;
  total: number;
}

/** Buckets that there may be. */
export const bucketCount = 128;

const ratio = 1.2;
const logRatio = Math.log(ratio);

/** An empty histogram. It tells values apart from `floor` up to about 1.2^126 (9.4e9) times `floor`. */
export function createLogHistogram(floor: number): LogHistogram {
  return { floor, counts: new Float32Array(1), total: 0 };
}

function bucketOf(histogram: LogHistogram, value: number): number {
  // Also catches NaN, which counts as nothing rather than as something huge.
  if (!(value >= histogram.floor)) return 0;
  return Math.min(bucketCount - 1, 1 + Math.floor(Math.log(value / histogram.floor) / logRatio));
}

/** Makes room for a bucket below `bucketCount`. */
function reach(histogram: LogHistogram, bucket: number): void {
  if (bucket < histogram.counts.length) return;
  const counts = new Float32Array(bucket + 1);
  counts.set(histogram.counts);
  histogram.counts = counts;
}

/** The largest value that falls into a bucket. */
function upperEdge(histogram: LogHistogram, bucket: number): number {
  return histogram.floor * ratio ** bucket;
}

/** Adds `value` with `weight` (1 for one observation; growing weights make older ones fade). */
export function addToHistogram(histogram: LogHistogram, value: number, weight = 1): void {
  addToBucket(histogram, bucketOf(histogram, value), weight);
}

/** Adds to a bucket that is known already, below `bucketCount`. */
export function addToBucket(histogram: LogHistogram, bucket: number, weight: number): void {
  if (bucket >= histogram.counts.length) reach(histogram, bucket);
  histogram.counts[bucket] = (histogram.counts[bucket] ?? 0) + weight;
  histogram.total += weight;
}

/**
 * The upper edge of the bucket that holds the quantile `q` (0 to 1): at most a fifth above the true
 * one. Zero when nothing was added.
 */
export function histogramQuantile(histogram: LogHistogram, q: number): number {
  return histogram.total <= 0 ? 0 : upperEdge(histogram, bucketOfQuantile(histogram, q));
}

/** The lower edge of that bucket: at most a sixth below the true quantile; zero below the floor. */
export function histogramLowQuantile(histogram: LogHistogram, q: number): number {
  const bucket = histogram.total <= 0 ? 0 : bucketOfQuantile(histogram, q);
  return bucket === 0 ? 0 : upperEdge(histogram, bucket - 1);
}

function bucketOfQuantile(histogram: LogHistogram, q: number): number {
  const wanted = q * histogram.total;
  let seen = 0;
  for (let bucket = 0; bucket < histogram.counts.length; bucket += 1) {
    seen += histogram.counts[bucket] ?? 0;
    // The tolerance absorbs rounding in sums of fractional weights, in single precision.
    if (seen >= wanted * (1 - 1e-6) && seen > 0) return bucket;
  }
  return histogram.counts.length - 1;
}

/**
 * The upper edge of the highest bucket that still weighs at least `least`; 0 where none does. With
 * growing weights it is the largest value that has not faded away.
 */
export function histogramTop(histogram: LogHistogram, least: number): number {
  for (let bucket = histogram.counts.length - 1; bucket >= 0; bucket -= 1) {
    if ((histogram.counts[bucket] ?? 0) >= least) return upperEdge(histogram, bucket);
  }
  return 0;
}

/**
 * A conformal p-value: the share of what was seen that was at least as large as `value`, with the
 * value itself counted in, so that it is never zero (Vovk, Gammerman, Shafer 2005).
 */
export function exceedance(histogram: LogHistogram, value: number, unit = 1): number {
  const bucket = bucketOf(histogram, value);
  let above = 0;
  for (let index = bucket; index < histogram.counts.length; index += 1)
    above += histogram.counts[index] ?? 0;
  return (above + unit) / (histogram.total + unit);
}

/** Divides all weights by `divisor`, to keep growing weights within the range of numbers. */
export function scaleHistogram(histogram: LogHistogram, divisor: number): void {
  for (let bucket = 0; bucket < histogram.counts.length; bucket += 1) {
    histogram.counts[bucket] = (histogram.counts[bucket] ?? 0) / divisor;
  }
  histogram.total /= divisor;
}

/** The histogram as pairs of bucket and weight, for JSON. */
export function packHistogram(histogram: LogHistogram): readonly (readonly [number, number])[] {
  const pairs: [number, number][] = [];
  for (let bucket = 0; bucket < histogram.counts.length; bucket += 1) {
    const count = histogram.counts[bucket] ?? 0;
    if (count > 0) pairs.push([bucket, count]);
  }
  return pairs;
}

/** What `packHistogram` gave, read back; pairs that make no sense are left out. */
export function unpackHistogram(
  floor: number,
  pairs: readonly (readonly [number, number])[],
): LogHistogram {
  const histogram = createLogHistogram(floor);
  for (const [bucket, count] of pairs) {
    const fits = Number.isInteger(bucket) && bucket >= 0 && bucket < bucketCount;
    if (!fits || !Number.isFinite(count) || count <= 0) continue;
    reach(histogram, bucket);
    histogram.counts[bucket] = (histogram.counts[bucket] ?? 0) + count;
    histogram.total += count;
  }
  return histogram;
}
