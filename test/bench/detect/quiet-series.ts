/** Series in which nothing happens: whatever a detector says of them is a false alarm. */
export const quietKinds = ['flat', 'noisy', 'bursty', 'heavy-tailed', 'autocorrelated'] as const;

/** See `quietKinds`. */
export type QuietKind = (typeof quietKinds)[number];

/** Even numbers from 0 to below 1, the same for the same seed (Marsaglia's xorshift, JSS 8, 2003). */
export function evenNumbers(seed: number): () => number {
  let state = (seed * 2654435761) >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state / 4294967296;
  };
}

/** The next value of an endless quiet series; the same series for the same kind and seed. */
export function quietSeries(kind: QuietKind, seed: number): () => number {
  const even = evenNumbers(seed);
  // Box and Muller, Annals of Mathematical Statistics 29, 1958.
  const normal = (): number =>
    Math.sqrt(-2 * Math.log(1 - even())) * Math.cos(2 * Math.PI * even());
  switch (kind) {
    case 'flat':
      return () => 5;
    case 'noisy':
      return () => 50 + 5 * normal();
    case 'bursty': {
      let busy = false;
      return () => {
        if (even() < (busy ? 1 / 20 : 1 / 200)) busy = !busy;
        return busy ? 80 + 10 * normal() : 1 + 0.2 * Math.abs(normal());
      };
    }
    case 'heavy-tailed':
      return () => (1 - even()) ** (-1 / 1.5);
    case 'autocorrelated': {
      let value = 0;
      return () => (value = 0.95 * value + normal());
    }
  }
}
