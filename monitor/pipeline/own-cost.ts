import type { CostView } from '../rpc/service/service.ts';
import { costOfProcess } from './process-cost.ts';

/** Measures what this process costs, and those that it keeps running. */
export interface OwnCost {
  /** The average CPU over the last minute or less, and the resident memory now, of all of them. */
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

/**
 * Starts measuring. `monotonic` gives milliseconds; `companions` the ids of the processes that work for
 * this one, as the loader of the kernel sensor does. What is read may be ten seconds old.
 */
export function measureOwnCost(
  monotonic: () => number,
  companions: () => readonly number[] = () => [],
): OwnCost {
  /** CPU microseconds of each companion so far. One that has ended takes along what was not read yet. */
  const known = new Map<number, number>();
  let ofCompanions = 0;
  const readings: Reading[] = [];
  let latest: CostView = { cpuCores: 0, residentBytes: 0 };

  /** Adds up what the companions used since the last time; their resident memory in bytes. */
  function measureCompanions(): number {
    const present = companions();
    let residentBytes = 0;
    for (const pid of known.keys()) if (!present.includes(pid)) known.delete(pid);
    for (const pid of present) {
      const cost = costOfProcess(pid);
      if (cost === undefined) continue;
      ofCompanions += Math.max(0, cost.cpuMicroseconds - (known.get(pid) ?? 0));
      known.set(pid, cost.cpuMicroseconds);
      residentBytes += cost.residentBytes;
    }
    return residentBytes;
  }

  function measure(at: number): void {
    const { user, system } = process.cpuUsage();
    const companionBytes = measureCompanions();
    const reading = { at, cpuMicroseconds: user + system + ofCompanions };
    readings.push(reading);
    while (readings.length > 2 && at - (readings[0]?.at ?? at) > averageOverMs) readings.shift();
    const oldest = readings[0] ?? reading;
    const elapsedMs = at - oldest.at;
    const usedMs = (reading.cpuMicroseconds - oldest.cpuMicroseconds) / 1000;
    latest = {
      cpuCores: elapsedMs > 0 ? usedMs / elapsedMs : 0,
      residentBytes: process.memoryUsage.rss() + companionBytes,
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
