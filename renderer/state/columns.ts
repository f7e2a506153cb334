import type { ResourceReading } from './model.ts';

/** Readings over time by columns, as charts take them. */
export interface Columns {
  /** Seconds since 1970, rising. */
  readonly at: readonly number[];
  /** A column for each series; null where nothing was seen. */
  readonly series: Readonly<Record<string, readonly (number | null)[]>>;
}

/** A hole of at least so many seconds is drawn as one. */
const gapSeconds = 5;

/** Columns without a row. */
export function emptyColumns(names: readonly string[]): Columns {
  return { at: [], series: Object.fromEntries(names.map((name) => [name, []])) };
}

/** The columns with a reading at their end, and without rows older than `oldest` (milliseconds). */
export function appendReading(columns: Columns, reading: ResourceReading, oldest: number): Columns {
  const second = reading.at / 1000;
  const last = columns.at.at(-1);
  if (last !== undefined && second <= last) return columns;
  // Where nothing was read for a while the line must break: a row without values between.
  const gap = last !== undefined && second - last > gapSeconds ? [last + 1] : [];
  const first = columns.at.findIndex((moment) => moment * 1000 >= oldest);
  const from = first < 0 ? columns.at.length : first;
  const added = [...gap, second];
  return {
    at: [...columns.at.slice(from), ...added],
    series: Object.fromEntries(
      Object.entries(columns.series).map(([name, column]) => [
        name,
        [...column.slice(from), ...gap.map(() => null), valueOf(reading, name)],
      ]),
    ),
  };
}

function valueOf(reading: ResourceReading, name: string): number | null {
  switch (name) {
    case 'cpuCores':
      return reading.cpuCores;
    case 'memoryBytes':
      return reading.memoryBytes;
    case 'anonymousBytes':
      return reading.anonymousBytes;
    case 'pids':
      return reading.pids;
    case 'receivedBytes':
      return reading.network?.receivedBytes ?? null;
    case 'sentBytes':
      return reading.network?.sentBytes ?? null;
    default:
      return null;
  }
}
