/**
 * The volume under the range-based precision-recall surface (Paparrizos et al.: "Volume Under the
 * Surface", PVLDB 2022), in the form of TSB-AD: 250 thresholds at equally spaced ranks, labels that
 * fade out over half a window on both sides as sqrt(1 - distance/window), recall weighted by the
 * share of labelled segments that were touched, and the mean over all windows from 0 to `window`.
 */
export function vusPr(labels: readonly boolean[], scores: Float64Array, window: number): number {
  const rows = labels.length;
  const segments = segmentsOf(labels);
  if (segments.length === 0) return Number.NaN;
  const ascending = Float64Array.from(scores).sort();
  const thresholds = thresholdsOf(ascending);
  const predicted = thresholds.map((threshold) => rows - lowerBound(ascending, threshold));
  // The first threshold at which a row counts as predicted; they fall, so their negatives rise.
  const negated = thresholds.map((threshold) => -threshold);
  const rankOf = Int32Array.from(scores, (score) => lowerBound(negated, -score));
  const within = new Float64Array(thresholdCount + 1);
  let positives = 0;
  labels.forEach((label, row) => {
    if (!label) return;
    positives += 1;
    bump(within, rankOf[row] ?? 0, 1);
  });
  accumulate(within);
  let sum = 0;
  for (let width = 0; width <= window; width += 1) {
    const near = fadedCounts(labels, segments, rankOf, width);
    const { touched, count } = touchedCounts(segments, rankOf, width);
    let recallBefore = 0;
    for (let at = 0; at < thresholdCount; at += 1) {
      const hits = (within[at] ?? 0) + (near[at] ?? 0);
      const share = Math.min(hits / (positives + (near[at] ?? 0) / 2), 1);
      const recall = (share * (touched[at] ?? 0)) / count;
      sum += ((recall - recallBefore) * hits) / (predicted[at] ?? 1);
      recallBefore = recall;
    }
  }
  return sum / (window + 1);
}

const thresholdCount = 250;

/** The first and the last row of a labelled stretch. */
type Segment = readonly [number, number];

/** The stretches of rows that are labelled. */
export function segmentsOf(labels: readonly boolean[]): readonly Segment[] {
  const found: Segment[] = [];
  let start: number | undefined;
  labels.forEach((label, row) => {
    if (label) start ??= row;
    else if (start !== undefined) {
      found.push([start, row - 1]);
      start = undefined;
    }
  });
  if (start !== undefined) found.push([start, labels.length - 1]);
  return found;
}

function bump(counts: Float64Array, at: number, by: number): void {
  counts[at] = (counts[at] ?? 0) + by;
}

function accumulate(counts: Float64Array): void {
  for (let at = 1; at < counts.length; at += 1) bump(counts, at, counts[at - 1] ?? 0);
}

/** The first index whose value is at least `value` in an ascending list. */
function lowerBound(ascending: ArrayLike<number>, value: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ascending[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

function thresholdsOf(ascending: Float64Array): readonly number[] {
  const last = ascending.length - 1;
  const step = last / (thresholdCount - 1);
  return Array.from({ length: thresholdCount }, (_, at) => {
    const rank = at === thresholdCount - 1 ? last : Math.floor(at * step);
    return ascending[last - rank] ?? 0;
  });
}

/** By threshold, how much of the faded surroundings of the segments is predicted. */
function fadedCounts(
  labels: readonly boolean[],
  segments: readonly Segment[],
  rankOf: Int32Array,
  width: number,
): Float64Array {
  const counts = new Float64Array(thresholdCount + 1);
  const half = Math.floor(width / 2);
  const weights = new Map<number, number>();
  const add = (row: number, distance: number): void => {
    if (row < 0 || row >= labels.length || labels[row] === true) return;
    weights.set(row, (weights.get(row) ?? 0) + Math.sqrt(1 - distance / width));
  };
  for (const [first, last] of segments) {
    for (let distance = 1; distance <= half; distance += 1) {
      add(last + distance, distance);
      add(first - distance, distance);
    }
  }
  for (const [row, weight] of weights) bump(counts, rankOf[row] ?? 0, Math.min(1, weight));
  accumulate(counts);
  return counts;
}

/** By threshold, how many segments (widened by half the width, and merged) have a predicted row. */
function touchedCounts(
  segments: readonly Segment[],
  rankOf: Int32Array,
  width: number,
): { readonly touched: Float64Array; readonly count: number } {
  const half = Math.floor(width / 2);
  const touched = new Float64Array(thresholdCount + 1);
  let count = 0;
  let from = Math.max((segments[0]?.[0] ?? 0) - half, 0);
  segments.forEach(([, last], at) => {
    const following = segments[at + 1];
    if (following !== undefined && last + half >= following[0] - half) return;
    let lowest = thresholdCount;
    for (let row = from; row <= Math.min(last + half, rankOf.length - 1); row += 1) {
      lowest = Math.min(lowest, rankOf[row] ?? thresholdCount);
    }
    bump(touched, lowest, 1);
    count += 1;
    from = (following?.[0] ?? 0) - half;
  });
  accumulate(touched);
  return { touched, count };
}
