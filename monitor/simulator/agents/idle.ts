import { megabyte } from '../load.ts';
import type { Load } from '../load.ts';
import { between, unit, wander } from '../noise.ts';

/** Waits for work: a timer now and then, a heartbeat over the network every half minute. */
export function idle(seed: number, second: number): Load {
  const beat = (second + (seed % 30)) % 30 === 0;
  return {
    cpuCores: between(0.0005, 0.003, seed, second, 1) + (beat ? 0.01 : 0),
    kernelShare: 0.4,
    anonymousBytes: (38 + 2 * wander(seed, second, 2, 600)) * megabyte,
    cacheBytes: 12 * megabyte,
    processes: 3,
    pageFaults: beat ? 20 + Math.floor(unit(seed, second, 3) * 30) : 0,
    receivedBytes: beat ? between(600, 1_800, seed, second, 4) : 0,
    sentBytes: beat ? between(400, 900, seed, second, 5) : 0,
    readBytes: 0,
    writtenBytes: 0,
  };
}
