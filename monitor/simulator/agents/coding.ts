import { kilobyte, megabyte } from '../load.ts';
import type { Load } from '../load.ts';
import { between, phaseAt, unit, wander } from '../noise.ts';

/**
 * An agent that writes code: sends a question, reads the answer as it streams in, edits files, and
 * now and then runs a tool, which is a burst of CPU with a few child processes.
 */
export function coding(seed: number, second: number): Load {
  const phase = phaseAt(seed, second, 22);
  const choice = unit(seed, phase.index, 10);
  const activity = choice < 0.45 ? 'asking' : choice < 0.8 ? 'editing' : 'running';
  const anonymousBytes =
    (310 + 40 * wander(seed, second, 11, 240) + ((second / 4) % 25)) * megabyte;
  const cacheBytes = (90 + 30 * wander(seed, second, 12, 400)) * megabyte;
  switch (activity) {
    case 'asking': {
      const sending = phase.elapsed < 2;
      return {
        cpuCores: between(0.01, sending ? 0.12 : 0.05, seed, second, 1),
        kernelShare: 0.2,
        anonymousBytes,
        cacheBytes,
        processes: 11,
        pageFaults: between(10, 200, seed, second, 2),
        receivedBytes: between(1.5, 7, seed, second, 3) * kilobyte,
        sentBytes: sending
          ? between(25, 110, seed, second, 4) * kilobyte
          : between(0.2, 0.6, seed, second, 4) * kilobyte,
        readBytes: 0,
        writtenBytes: between(0, 8, seed, second, 5) * kilobyte,
      };
    }
    case 'editing':
      return {
        cpuCores: between(0.04, 0.24, seed, second, 1),
        kernelShare: 0.25,
        anonymousBytes,
        cacheBytes,
        processes: 11 + Math.floor(unit(seed, second, 6) * 3),
        pageFaults: between(200, 2_500, seed, second, 2),
        receivedBytes: between(0, 2, seed, second, 3) * kilobyte,
        sentBytes: between(0, 1.5, seed, second, 4) * kilobyte,
        readBytes: unit(seed, second, 7) < 0.2 ? between(16, 600, seed, second, 8) * kilobyte : 0,
        writtenBytes: between(4, 240, seed, second, 5) * kilobyte,
      };
    case 'running':
      return {
        cpuCores: between(0.35, 1.25, seed, second, 1),
        kernelShare: 0.3,
        anonymousBytes: anonymousBytes + between(40, 120, seed, second, 9) * megabyte,
        cacheBytes: cacheBytes + 20 * megabyte,
        processes: 14 + Math.floor(unit(seed, second, 6) * 7),
        pageFaults: between(3_000, 16_000, seed, second, 2),
        receivedBytes: between(0, 12, seed, second, 3) * kilobyte,
        sentBytes: between(0, 6, seed, second, 4) * kilobyte,
        readBytes: between(0, 3, seed, second, 7) * megabyte,
        writtenBytes: between(0, 1.5, seed, second, 5) * megabyte,
      };
  }
}
