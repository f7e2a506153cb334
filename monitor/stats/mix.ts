/**
 * How far the mix of some counts lies from known shares, 0 (the same) to 1 (nothing in common): the
 * squared Hellinger distance `1 - Σ √(q p)` (Hellinger, Journal für die reine und angewandte Mathematik
 * 136, 1909), whose sum is Bhattacharyya's coefficient (Bulletin of the Calcutta Mathematical Society
 * 35, 1943): to mistake n independent draws of the one mix for the other is no more likely than the n-th
 * power of it. It lies within a factor of two of the Jensen–Shannon divergence and takes no logarithms.
 *
 * `doubt` counts, distributed as the known shares are, are added to what was counted (the mean of
 * Dirichlet's distribution after it): so few counts are near to everything, and none are at distance 0.
 * `total` is the sum of `counts`; `shares` add up to 1. What is beyond the end of either is zero.
 */
export function mixDistance(
  counts: ArrayLike<number>,
  total: number,
  shares: ArrayLike<number>,
  doubt: number,
): number {
  if (!(total > 0)) return 0;
  const all = total + doubt;
  const size = Math.min(counts.length, shares.length);
  let alike = 0;
  let listed = 0;
  for (let at = 0; at < size; at += 1) {
    const share = shares[at] ?? 0;
    if (share <= 0) continue;
    listed += share;
    alike += Math.sqrt((((counts[at] ?? 0) + doubt * share) / all) * share);
  }
  // Shares of kinds that were not counted at all.
  for (let at = size; at < shares.length; at += 1) {
    const share = shares[at] ?? 0;
    listed += share;
    alike += share * Math.sqrt(doubt / all);
  }
  // Rounded shares add up to a little more or less.
  return listed > 0 ? Math.min(1, Math.max(0, 1 - alike / listed)) : 1;
}

/** The mix that lies `part` (0 to 1) of the way from one to the other. */
export function blendOf(
  one: ArrayLike<number>,
  other: ArrayLike<number>,
  part: number,
): Float32Array {
  const shares = new Float32Array(Math.max(one.length, other.length));
  for (let at = 0; at < shares.length; at += 1) {
    shares[at] = (one[at] ?? 0) * (1 - part) + (other[at] ?? 0) * part;
  }
  return shares;
}

const golden = (Math.sqrt(5) - 1) / 2;

/**
 * The blend of two known mixes that lies nearest to the counts. The distance is a convex function of
 * the part, so that the golden section (Kiefer, Proceedings of the AMS 4, 1953) finds it, to a fiftieth.
 */
export function nearestBlend(
  counts: ArrayLike<number>,
  total: number,
  [one, other]: readonly [ArrayLike<number>, ArrayLike<number>],
  doubt: number,
): { readonly shares: Float32Array; readonly distance: number } {
  const at = (part: number): { shares: Float32Array; distance: number } => {
    const shares = blendOf(one, other, part);
    return { shares, distance: mixDistance(counts, total, shares, doubt) };
  };
  let [low, high] = [0, 1];
  let [lower, upper] = [at(1 - golden), at(golden)];
  while (high - low > 0.02) {
    if (lower.distance <= upper.distance) {
      high = low + golden * (high - low);
      upper = lower;
      lower = at(high - golden * (high - low));
    } else {
      low = high - golden * (high - low);
      lower = upper;
      upper = at(low + golden * (high - low));
    }
  }
  return lower.distance <= upper.distance ? lower : upper;
}

/** The sum of counts. */
export function sumOf(counts: ArrayLike<number>): number {
  let sum = 0;
  for (let at = 0; at < counts.length; at += 1) sum += counts[at] ?? 0;
  return sum;
}
