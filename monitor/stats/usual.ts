/**
 * The usual size of something, slowly followed: a mean and a mean absolute deviation. Once it has
 * seen a hundred values, one value moves it by no more than `clip` deviations (winsorised, as in
 * Huber's M-estimate of location, Annals of Mathematical Statistics 35, 1964), so that neither a
 * spike nor an attack of some minutes teaches it much, while a lasting change does in the end.
 */
export interface Usual {
  middle: number;
  deviation: number;
}

const settled = 100;

/** How much the value number `seen` (from 0) counts: as in a plain mean at first, then 1/`memory`. */
export function stepOf(seen: number, memory: number): number {
  return Math.max(1 / memory, 1 / (seen + 1));
}

/** `value` drawn to within `clip` times `size` of zero, except at the start. */
export function clipped(value: number, size: number, clip: number, seen: number): number {
  if (seen < settled) return value;
  return Math.max(-clip * size, Math.min(clip * size, value));
}

/** Takes in a value; `floor` is the least deviation that means anything, in the value's unit. */
export function followUsual(
  usual: Usual,
  value: number,
  step: number,
  { floor, clip, seen }: { readonly floor: number; readonly clip: number; readonly seen: number },
): void {
  const distance = clipped(value - usual.middle, usual.deviation + floor, clip, seen);
  usual.middle += step * distance;
  usual.deviation += step * (Math.abs(distance) - usual.deviation);
}

/** Whether a value can be reckoned with: a number whose square is one too. */
export function isUsable(value: number): boolean {
  return Math.abs(value) <= 1e100;
}
