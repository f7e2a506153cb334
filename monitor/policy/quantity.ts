import type { Milliseconds } from '../model/time.ts';

const durationUnits: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

const sizeUnits: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1e3,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
};

const shape = /^(\d{1,9}(?:\.\d{1,6})?)([A-Za-z]{1,3})$/;

/** `500ms`, `2s`, `1.5m`, `1h` in milliseconds; undefined when it is not a duration. */
export function parseDuration(text: string): Milliseconds | undefined {
  return parse(text, durationUnits);
}

/** `512MB`, `2GiB` in bytes: MB is 10⁶, MiB 2²⁰; undefined when it is not a size. */
export function parseSize(text: string): number | undefined {
  return parse(text, sizeUnits);
}

/** The shortest exact way to write a duration: `2s`, `90s`, `10m`, `1h`. */
export function formatDuration(milliseconds: Milliseconds): string {
  return format(milliseconds, durationUnits, ['h', 'm', 's', 'ms']);
}

/** The shortest exact way to write a size: `512MB`, `2GiB`, `1000001B`. */
export function formatSize(bytes: number): string {
  return format(bytes, sizeUnits, ['GiB', 'GB', 'MiB', 'MB', 'KiB', 'kB', 'B']);
}

function parse(text: string, units: Readonly<Record<string, number>>): number | undefined {
  const [, amount, unit] = shape.exec(text) ?? [];
  if (amount === undefined || unit === undefined || !Object.hasOwn(units, unit)) return undefined;
  return Math.round(Number(amount) * (units[unit] ?? 0));
}

function format(
  value: number,
  units: Readonly<Record<string, number>>,
  order: readonly string[],
): string {
  const exact = order.find(
    (unit) => value >= (units[unit] ?? 1) && value % (units[unit] ?? 1) === 0,
  );
  const unit = exact ?? order.at(-1) ?? '';
  return `${value / (units[unit] ?? 1)}${unit}`;
}
