import { kilobyte, megabyte } from '../load.ts';
import type { Load } from '../load.ts';
import { between, phaseAt, unit, wander } from '../noise.ts';

/** Runs a test suite, waits for the next change, runs it again. */
export function testing(seed: number, second: number): Load {
  const phase = phaseAt(seed, second, 55);
  const running = unit(seed, phase.index, 10) < 0.55;
  const baseBytes = (160 + 15 * wander(seed, second, 11, 300)) * megabyte;
  if (!running) {
    return {
      cpuCores: between(0.003, 0.03, seed, second, 1),
      kernelShare: 0.3,
      anonymousBytes: baseBytes,
      cacheBytes: 140 * megabyte,
      processes: 5,
      pageFaults: between(0, 120, seed, second, 2),
      receivedBytes: between(0, 0.8, seed, second, 3) * kilobyte,
      sentBytes: between(0, 0.8, seed, second, 4) * kilobyte,
      readBytes: 0,
      writtenBytes: 0,
    };
  }
  const workers = 2 + Math.floor(unit(seed, phase.index, 12) * 3);
  return {
    cpuCores: between(0.45, 1.1, seed, second, 1),
    kernelShare: 0.2,
    anonymousBytes: baseBytes + workers * between(45, 80, seed, second, 5) * megabyte,
    cacheBytes: 170 * megabyte,
    processes: 5 + workers + Math.floor(unit(seed, second, 6) * 4),
    pageFaults: between(4_000, 22_000, seed, second, 2),
    receivedBytes: between(0, 40, seed, second, 3) * kilobyte,
    sentBytes: between(0, 40, seed, second, 4) * kilobyte,
    readBytes: between(0, 2, seed, second, 7) * megabyte,
    writtenBytes: between(0.1, 4, seed, second, 8) * megabyte,
  };
}
