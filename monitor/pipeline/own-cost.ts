import type { CostView } from '../rpc/service.ts';

/** Measures what this process costs. */
export interface OwnCost {
  /** The average CPU over the last minute or less, and the resident memory now. */
  read(): CostView;
}

interface Reading {
  readonly at: number;
  readonly cpuMicroseconds: number;
}

/** Starts measuring. `monotonic` gives milliseconds. */
export function measureOwnCost(monotonic: () => number): OwnCost {
  const readings: Reading[] = [take()];

  function take(): Reading {
    const { user, system } = process.cpuUsage();
    return { at: monotonic(), cpuMicroseconds: user + system };
  }

  return {
    read() {
      const latest = take();
      const previous = readings.at(-1);
      if (previous === undefined || latest.at - previous.at >= 5_000) readings.push(latest);
      while (readings.length > 1 && latest.at - (readings[0]?.at ?? 0) > 60_000) readings.shift();
      const oldest = readings[0] ?? latest;
      const elapsedMs = latest.at - oldest.at;
      const usedMs = (latest.cpuMicroseconds - oldest.cpuMicroseconds) / 1000;
      return {
        cpuCores: elapsedMs > 0 ? usedMs / elapsedMs : 0,
        residentBytes: process.memoryUsage.rss(),
      };
    },
  };
}
