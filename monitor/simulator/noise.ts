/**
 * Repeatable randomness: every value is a pure function of a seed, a moment and a channel, so that
 * any second of any container can be asked for without the seconds before it.
 */

/** A 32-bit hash of three integers, evenly spread. Mixing steps after MurmurHash3's finaliser. */
export function hash(seed: number, moment: number, channel: number): number {
  let value = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(moment + 0x7f4a7c15, 0xc2b2ae35);
  value = Math.imul(value ^ (value >>> 15) ^ Math.imul(channel + 1, 0x27d4eb2f), 0x165667b1);
  value = Math.imul(value ^ (value >>> 13), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 16), 0xc2b2ae35);
  return (value ^ (value >>> 15)) >>> 0;
}

/** A number in [0, 1). */
export function unit(seed: number, moment: number, channel: number): number {
  return hash(seed, moment, channel) / 4294967296;
}

/** A number in [low, high). */
export function between(
  low: number,
  high: number,
  seed: number,
  moment: number,
  channel: number,
): number {
  return low + (high - low) * unit(seed, moment, channel);
}

/** A value in [0, 1) that wanders: interpolated between fixed points `period` seconds apart. */
export function wander(seed: number, second: number, channel: number, period: number): number {
  const point = Math.floor(second / period);
  const part = second / period - point;
  const eased = part * part * (3 - 2 * part);
  const from = unit(seed, point, channel);
  return from + (unit(seed, point + 1, channel) - from) * eased;
}

/** One stretch of a behaviour, for example "a compile". */
export interface Phase {
  /** Which stretch it is; the seed of everything that stays the same throughout it. */
  readonly index: number;
  /** Seconds since it began. */
  readonly elapsed: number;
  /** Seconds it will have lasted. */
  readonly length: number;
}

/** The stretch that holds `second`; stretches last `typical` seconds, half more or less. */
export function phaseAt(seed: number, second: number, typical: number): Phase {
  const beginning = (index: number): number =>
    index * typical + Math.floor(unit(seed, index, 1000) * typical * 0.5);
  const block = Math.floor(second / typical);
  const index = second >= beginning(block) ? block : block - 1;
  const from = beginning(index);
  return { index, elapsed: second - from, length: beginning(index + 1) - from };
}

/** A 32-bit number from text, for seeds from names. FNV-1a. */
export function hashText(text: string): number {
  let value = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) {
    value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  }
  return value >>> 0;
}

/** `digits` hexadecimal digits that look random; the same for the same seed and number. */
export function hexadecimal(seed: number, number: number, digits: number): string {
  let text = '';
  for (let part = 0; text.length < digits; part += 1) {
    text += hash(seed, number, 2000 + part)
      .toString(16)
      .padStart(8, '0');
  }
  return text.slice(0, digits);
}
