/** How often a monitor that ends is started again. Times in milliseconds. */
export const restartBounds = {
  firstMs: 250,
  lastMs: 30_000,
  /** More ends than `most` within `windowMs`, and it is left stopped. */
  most: 6,
  windowMs: 10 * 60_000,
} as const;

/** What to do after the monitor has ended. */
export type RestartStep =
  | { readonly kind: 'restart'; readonly attempt: number; readonly waitMs: number }
  | { readonly kind: 'give-up'; readonly ends: number };

/**
 * What to do when a monitor ended at the last of `ends` (monotonic milliseconds, oldest first, only
 * ends that nobody asked for). The wait doubles with each end in the window, with jitter over its upper half;
 * `random` is a number from 0 up to 1.
 */
export function restartStep(ends: readonly number[], random: number): RestartStep {
  const now = ends.at(-1) ?? 0;
  const recent = ends.filter((end) => end > now - restartBounds.windowMs).length;
  if (recent > restartBounds.most) return { kind: 'give-up', ends: recent };
  const ceiling = Math.min(restartBounds.lastMs, restartBounds.firstMs * 2 ** (recent - 1));
  return { kind: 'restart', attempt: recent, waitMs: ceiling / 2 + (ceiling / 2) * random };
}
