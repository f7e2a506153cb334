/** Waiting times that grow, with jitter, so that many who wait do not come back together. */
export interface Backoff {
  /** The next waiting time in milliseconds: half of the present ceiling up to all of it. */
  next(): number;
  /** Back to the first waiting time, after a success. */
  reset(): void;
}

/**
 * Exponential back-off from `firstMs` to `lastMs`, doubling, with jitter over the upper half
 * ("equal jitter"). `random` gives numbers from 0 up to 1.
 */
export function createBackoff(
  firstMs: number,
  lastMs: number,
  random: () => number = Math.random,
): Backoff {
  let ceiling = firstMs;
  return {
    next() {
      const wait = ceiling / 2 + (ceiling / 2) * random();
      ceiling = Math.min(lastMs, ceiling * 2);
      return wait;
    },
    reset() {
      ceiling = firstMs;
    },
  };
}
