import { kilobyte, megabyte, noLoad } from './load.ts';
import type { Load } from './load.ts';

/** What goes wrong in a container. */
export type IncidentKind =
  | 'exfiltration'
  | 'fork-bomb'
  | 'memory-leak'
  | 'miner'
  | 'out-of-memory'
  | 'restart-loop'
  | 'unexpected-exec';

/** How hard; `weak` is the slow kind that hides in ordinary work. */
export type Strength = 'weak' | 'medium' | 'strong';

/** An incident that a plan or a test asks for. */
export interface IncidentRequest {
  readonly kind: IncidentKind;
  /** `medium` when not given. */
  readonly strength?: Strength;
  /** How many virtual seconds it lasts; until the container's process ends when not given. */
  readonly forSeconds?: number;
  /** For `unexpected-exec`: what is run. */
  readonly command?: string;
}

/** What each strength means, in the unit of the kind. */
export const incidentRates = {
  /** Bytes a second sent. */
  exfiltration: { weak: 50 * kilobyte, medium: megabyte, strong: 20 * megabyte },
  /** Processes a second that stay; `strong` doubles every second instead. */
  forkBomb: { weak: 5, medium: 60 },
  /** Bytes a second that are never given back. */
  memoryLeak: { weak: megabyte, medium: 8 * megabyte, strong: 64 * megabyte },
  /** Cores; `strong` takes every core of the machine. */
  miner: { weak: 0.6, medium: 1 },
  /** Milliseconds from each start to the exit. */
  restartLoop: { weak: 11_000, medium: 3_000, strong: 200 },
} as const;

/** The most processes a machine holds. */
export const mostProcesses = 32_768;

function stayingForks(strength: Strength, elapsed: number): number {
  return strength === 'strong'
    ? Math.min(2 ** Math.min(elapsed + 2, 16), mostProcesses)
    : Math.min(incidentRates.forkBomb[strength] * (elapsed + 1), mostProcesses);
}

/**
 * What an incident adds to a container's load in the second that begins `elapsed` whole seconds after
 * it began. `cpus` is the machine's number of cores. A pure function of its arguments.
 */
export function incidentLoad(
  kind: IncidentKind,
  strength: Strength,
  elapsed: number,
  cpus: number,
): Load {
  switch (kind) {
    case 'exfiltration': {
      const sentBytes = incidentRates.exfiltration[strength];
      return {
        ...noLoad,
        cpuCores: 0.01 + (sentBytes / megabyte) * 0.015,
        kernelShare: 0.6,
        anonymousBytes: 6 * megabyte,
        processes: 1,
        receivedBytes: sentBytes * 0.012,
        sentBytes,
      };
    }
    case 'fork-bomb': {
      const processes = stayingForks(strength, elapsed);
      const born = processes - (elapsed > 0 ? stayingForks(strength, elapsed - 1) : 0);
      return {
        ...noLoad,
        cpuCores: Math.min(cpus, 0.02 + born * 0.0025),
        kernelShare: 0.75,
        anonymousBytes: processes * 96 * kilobyte,
        processes,
        pageFaults: born * 90,
      };
    }
    case 'memory-leak': {
      const rate = incidentRates.memoryLeak[strength];
      return {
        ...noLoad,
        cpuCores: 0.01 + (rate / megabyte) * 0.0008,
        kernelShare: 0.5,
        anonymousBytes: rate * (elapsed + 1),
        // One fault for each page of 4096 bytes that is touched for the first time.
        pageFaults: rate / 4096,
      };
    }
    case 'miner':
      return {
        ...noLoad,
        cpuCores: strength === 'strong' ? cpus : incidentRates.miner[strength],
        kernelShare: 0.01,
        anonymousBytes: 280 * megabyte,
        processes: 2,
        receivedBytes: 90,
        sentBytes: 60,
      };
    case 'out-of-memory':
      // More than any machine here has, within a second: the kernel kills at once.
      return {
        ...noLoad,
        cpuCores: 1,
        kernelShare: 0.8,
        anonymousBytes: 2 ** 50,
        pageFaults: 90_000,
      };
    case 'unexpected-exec':
      return {
        ...noLoad,
        cpuCores: 0.02,
        kernelShare: 0.4,
        anonymousBytes: megabyte,
        processes: 1,
      };
    case 'restart-loop':
      return noLoad;
  }
}

/** Whether the incident comes back after an automatic restart, because the program itself has it. */
export function isInTheProgram(kind: IncidentKind): boolean {
  return kind === 'restart-loop' || kind === 'memory-leak';
}
