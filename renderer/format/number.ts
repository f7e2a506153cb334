/**
 * CPU in cores, everywhere in the window: `0.034 cores`, `0.52 cores`, `1.6 cores`, `12 cores`. Less
 * than a thousandth, and less than nothing, reads `0 cores`.
 */
export function cores(value: number): string {
  const decimals = value < 0.0995 ? 3 : value < 0.995 ? 2 : value < 9.95 ? 1 : 0;
  return `${value < 0.0005 ? '0' : value.toFixed(decimals)}\u202fcores`;
}

/** A limit of CPU as it was set, to the last figure: `1 core`, `1.5 cores`. */
export function exactCores(value: number): string {
  return `${value}\u202f${value === 1 ? 'core' : 'cores'}`;
}

/** `1 container`, `2 containers`. */
export function countOf(count: number, one: string, many = `${one}s`): string {
  return `${grouped(count)} ${count === 1 ? one : many}`;
}

/** A whole number with a thin space between thousands from 10 000 on: `9999`, `12 345`. */
export function grouped(value: number): string {
  const digits = Math.round(value).toString();
  if (digits.length < 5) return digits;
  return digits.replace(/\B(?=(\d{3})+$)/g, '\u202f');
}

/** A number with as many figures as help: `0.034`, `0.52`, `7.3`, `48`, `12 345`. */
export function figure(value: number): string {
  const size = Math.abs(value);
  if (size === 0) return '0';
  if (size < 0.1) return value.toPrecision(2);
  if (size < 9.95) return value.toFixed(size < 0.995 ? 2 : 1);
  return grouped(value);
}
