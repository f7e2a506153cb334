import { kilobyte, megabyte } from '../load.ts';
import type { Load } from '../load.ts';
import { between, phaseAt, unit, wander } from '../noise.ts';

type Stage = 'fetching' | 'compiling' | 'linking' | 'resting';

function stageAt(part: number): Stage {
  if (part < 0.12) return 'fetching';
  if (part < 0.68) return 'compiling';
  return part < 0.78 ? 'linking' : 'resting';
}

/**
 * An agent that builds software over and over: fetches packages, compiles with many short-lived
 * processes, links, rests. Process churn, page faults and block I/O are high and normal for it.
 */
export function building(seed: number, second: number): Load {
  const phase = phaseAt(seed, second, 140);
  const cacheBytes = (420 + 180 * wander(seed, second, 12, 200)) * megabyte;
  switch (stageAt(phase.elapsed / phase.length)) {
    case 'fetching':
      return {
        cpuCores: between(0.15, 0.5, seed, second, 1),
        kernelShare: 0.45,
        anonymousBytes: between(110, 150, seed, second, 2) * megabyte,
        cacheBytes,
        processes: 7,
        pageFaults: between(1_000, 4_000, seed, second, 3),
        receivedBytes: between(1.5, 9, seed, second, 4) * megabyte,
        sentBytes: between(20, 90, seed, second, 5) * kilobyte,
        readBytes: 0,
        writtenBytes: between(1.5, 9, seed, second, 6) * megabyte,
      };
    case 'compiling':
      return {
        cpuCores: between(1.2, 1.95, seed, second, 1),
        kernelShare: 0.18,
        anonymousBytes: between(350, 900, seed, second, 2) * megabyte,
        cacheBytes,
        processes: 9 + Math.floor(unit(seed, second, 7) * 26),
        pageFaults: between(22_000, 80_000, seed, second, 3),
        receivedBytes: 0,
        sentBytes: 0,
        readBytes: between(0, 5, seed, second, 8) * megabyte,
        writtenBytes: between(2, 22, seed, second, 6) * megabyte,
      };
    case 'linking':
      return {
        cpuCores: between(0.85, 1.05, seed, second, 1),
        kernelShare: 0.25,
        anonymousBytes: between(700, 1_300, seed, second, 2) * megabyte,
        cacheBytes,
        processes: 6,
        pageFaults: between(9_000, 30_000, seed, second, 3),
        receivedBytes: 0,
        sentBytes: 0,
        readBytes: between(1, 30, seed, second, 8) * megabyte,
        writtenBytes: between(5, 45, seed, second, 6) * megabyte,
      };
    case 'resting':
      return {
        cpuCores: between(0.002, 0.02, seed, second, 1),
        kernelShare: 0.4,
        anonymousBytes: (85 + 4 * wander(seed, second, 2, 60)) * megabyte,
        cacheBytes,
        processes: 4,
        pageFaults: between(0, 60, seed, second, 3),
        receivedBytes: between(0, 1, seed, second, 4) * kilobyte,
        sentBytes: between(0, 1, seed, second, 5) * kilobyte,
        readBytes: 0,
        writtenBytes: 0,
      };
  }
}
