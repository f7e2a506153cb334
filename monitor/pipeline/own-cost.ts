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

/** From one measurement to the next, milliseconds: asking the kernel costs up to a millisecond. */
const measureEveryMs = 10_000;
/** Over how long the CPU is averaged, milliseconds. */
const averageOverMs = 60_000;

/** Starts measuring. `monotonic` gives milliseconds. What is read may be ten seconds old. */
export function measureOwnCost(monotonic: () => number): OwnCost {
  const readings: Reading[] = [];
  let latest: CostView = { cpuCores: 0, residentBytes: 0 };

  function measure(at: number): void {
    const { user, system } = process.cpuUsage();
    const reading = { at, cpuMicroseconds: user + system };
    readings.push(reading);
    while (readings.length > 2 && at - (readings[0]?.at ?? at) > averageOverMs) readings.shift();
    const oldest = readings[0] ?? reading;
    const elapsedMs = at - oldest.at;
    const usedMs = (reading.cpuMicroseconds - oldest.cpuMicroseconds) / 1000;
    latest = {
      cpuCores: elapsedMs > 0 ? usedMs / elapsedMs : 0,
      residentBytes: process.memoryUsage.rss(),
    };
  }

  measure(monotonic());
  return {
    read() {
      const now = monotonic();
      if (now - (readings.at(-1)?.at ?? now) >= measureEveryMs) measure(now);
      return latest;
    },
  };
}
