/** A share of 1 as per cent, with one decimal below 10: `3.4 %`, `128 %`. Below zero reads zero. */
export function percent(share: number): string {
  const value = Math.max(0, share) * 100;
  return `${value < 9.95 ? value.toFixed(1) : value.toFixed(0)}\u202f%`;
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
