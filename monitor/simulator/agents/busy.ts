import { kilobyte, megabyte } from '../load.ts';
import type { Load } from '../load.ts';
import { between, wander } from '../noise.ts';

/** Has always used a whole core: a model that runs locally, a long calculation. */
export function busy(seed: number, second: number): Load {
  return {
    cpuCores: between(0.95, 1, seed, second, 1),
    kernelShare: 0.03,
    anonymousBytes: (900 + 15 * wander(seed, second, 2, 300)) * megabyte,
    cacheBytes: 120 * megabyte,
    processes: 6,
    pageFaults: between(40, 140, seed, second, 3),
    receivedBytes: between(0.5, 2, seed, second, 4) * kilobyte,
    sentBytes: between(0.5, 2, seed, second, 5) * kilobyte,
    readBytes: 0,
    writtenBytes: between(0, 16, seed, second, 6) * kilobyte,
  };
}
