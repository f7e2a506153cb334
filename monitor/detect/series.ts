import type { Evidence } from '../model/finding.ts';
import type { Second } from './second.ts';

/** The series whose normal range is learned for each workload. */
export const seriesNames = ['cpu', 'memory', 'processes', 'sent', 'received', 'block'] as const;

export type SeriesName = (typeof seriesNames)[number];

/** How a series is called, in what it is measured, and below what its values are alike. */
export interface SeriesMeaning {
  readonly title: string;
  readonly unit: Evidence['unit'];
  /** In the series' unit: differences below it mean nothing, so it is also the least spread. */
  readonly floor: number;
}

/** The meaning of each series. */
export const series: Readonly<Record<SeriesName, SeriesMeaning>> = {
  cpu: { title: 'CPU', unit: 'cores', floor: 0.02 },
  memory: { title: 'memory', unit: 'bytes', floor: 1_000_000 },
  processes: { title: 'processes', unit: 'processes', floor: 1 },
  sent: { title: 'bytes sent', unit: 'bytes/s', floor: 500 },
  received: { title: 'bytes received', unit: 'bytes/s', floor: 500 },
  block: { title: 'disk', unit: 'bytes/s', floor: 4_096 },
};

/** The value of a series in one second; undefined where the sensor could not tell. */
export function valueOf(name: SeriesName, second: Second): number | undefined {
  switch (name) {
    case 'cpu':
      return second.cpuCores;
    case 'memory':
      return second.anonymousBytes;
    case 'processes':
      return second.pids;
    case 'sent':
      return second.network?.sentBytes;
    case 'received':
      return second.network?.receivedBytes;
    case 'block':
      return second.block === undefined
        ? undefined
        : second.block.readBytes + second.block.writtenBytes;
  }
}
