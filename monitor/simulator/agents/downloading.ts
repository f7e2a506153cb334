import { kilobyte, megabyte } from '../load.ts';
import type { Load } from '../load.ts';
import { between, phaseAt, unit, wander } from '../noise.ts';

/** Fetches archives in bursts and unpacks them: much in, little out, much written. */
export function downloading(seed: number, second: number): Load {
  const phase = phaseAt(seed, second, 40);
  const choice = unit(seed, phase.index, 10);
  const cacheBytes = (300 + 250 * wander(seed, second, 12, 120)) * megabyte;
  const anonymousBytes = (70 + 10 * wander(seed, second, 11, 90)) * megabyte;
  if (choice < 0.4) {
    const inward = between(2, 28, seed, phase.index, 13) * between(0.8, 1.1, seed, second, 3);
    return {
      cpuCores: 0.04 + inward * 0.012,
      kernelShare: 0.6,
      anonymousBytes,
      cacheBytes,
      processes: 5,
      pageFaults: between(200, 2_000, seed, second, 2),
      receivedBytes: inward * megabyte,
      // Acknowledgements: about one small packet for two large ones.
      sentBytes: inward * 14 * kilobyte,
      readBytes: 0,
      writtenBytes: inward * megabyte * 0.95,
    };
  }
  if (choice < 0.55) {
    return {
      cpuCores: between(0.5, 1, seed, second, 1),
      kernelShare: 0.3,
      anonymousBytes: anonymousBytes + 60 * megabyte,
      cacheBytes,
      processes: 6,
      pageFaults: between(500, 4_000, seed, second, 2),
      receivedBytes: 0,
      sentBytes: 0,
      readBytes: between(4, 30, seed, second, 7) * megabyte,
      writtenBytes: between(10, 60, seed, second, 8) * megabyte,
    };
  }
  return {
    cpuCores: between(0.001, 0.01, seed, second, 1),
    kernelShare: 0.4,
    anonymousBytes,
    cacheBytes,
    processes: 3,
    pageFaults: between(0, 40, seed, second, 2),
    receivedBytes: between(0, 0.5, seed, second, 3) * kilobyte,
    sentBytes: between(0, 0.5, seed, second, 4) * kilobyte,
    readBytes: 0,
    writtenBytes: 0,
  };
}
