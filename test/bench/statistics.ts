import { medianSorted, quantileSorted } from 'simple-statistics';

/** A median with the interval that holds it in 95 of 100 cases, and from how many values. */
export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
  readonly n: number;
}

function sorted(values: readonly number[]): number[] {
  return [...values].sort((a, b) => a - b);
}

/** The quantile `q` (0 to 1) of at least one value. */
export function quantile(values: readonly number[], q: number): number {
  return quantileSorted(sorted(values), q);
}

/**
 * The median of at least one value with its distribution-free interval: the order statistics whose
 * ranks enclose the median with 95 % by the binomial distribution (its normal approximation; with
 * fewer than six values that is the whole range).
 */
export function medianWithInterval(values: readonly number[]): Estimate {
  const ordered = sorted(values);
  const n = ordered.length;
  const reach = (1.96 * Math.sqrt(n)) / 2;
  const low = Math.max(0, Math.floor(n / 2 - reach));
  const high = Math.min(n - 1, Math.ceil(n / 2 + reach) - 1);
  return {
    value: medianSorted(ordered),
    low: ordered[low] ?? Number.NaN,
    high: ordered[Math.max(low, high)] ?? Number.NaN,
    n,
  };
}

/** Whether the interval is narrower than half the distance between value and target. */
export function isDecided(estimate: Estimate, target: number): boolean {
  return estimate.high - estimate.low <= Math.abs(target - estimate.value);
}

/**
 * The upper 95 % bound of a Poisson mean of which `count` events were seen: the mean with which so few
 * come in one of twenty cases (Garwood, "Fiducial limits for the Poisson distribution", Biometrika 28,
 * 1936). Found by halving; 3.0 for none.
 */
export function poissonUpperBound(count: number): number {
  let low = count;
  let high = count + 10 + 4 * Math.sqrt(count + 1);
  for (let step = 0; step < 60; step += 1) {
    const middle = (low + high) / 2;
    if (poissonAtMost(count, middle) > 0.05) low = middle;
    else high = middle;
  }
  return high;
}

/** The probability of at most `count` events at a mean of `mean`. */
function poissonAtMost(count: number, mean: number): number {
  let term = Math.exp(-mean);
  let sum = term;
  for (let events = 1; events <= count; events += 1) {
    term *= mean / events;
    sum += term;
  }
  return sum;
}
