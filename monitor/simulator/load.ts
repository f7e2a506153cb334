/** What a container asks of the machine during one second. Rates are per second. */
export interface Load {
  /** Cores wanted, before any limit. */
  readonly cpuCores: number;
  /** Part of the CPU time spent in the kernel, 0 to 1. */
  readonly kernelShare: number;
  readonly anonymousBytes: number;
  readonly cacheBytes: number;
  readonly processes: number;
  readonly pageFaults: number;
  readonly receivedBytes: number;
  readonly sentBytes: number;
  readonly readBytes: number;
  readonly writtenBytes: number;
}

export const megabyte = 1024 * 1024;
export const kilobyte = 1024;

/** Nothing at all: also what an incident adds once it is over. */
export const noLoad: Load = {
  cpuCores: 0,
  kernelShare: 0,
  anonymousBytes: 0,
  cacheBytes: 0,
  processes: 0,
  pageFaults: 0,
  receivedBytes: 0,
  sentBytes: 0,
  readBytes: 0,
  writtenBytes: 0,
};

/** Two loads at once. The kernel's share is weighted by CPU. */
export function addLoads(one: Load, other: Load): Load {
  const cpuCores = one.cpuCores + other.cpuCores;
  return {
    cpuCores,
    kernelShare:
      cpuCores > 0
        ? (one.kernelShare * one.cpuCores + other.kernelShare * other.cpuCores) / cpuCores
        : 0,
    anonymousBytes: one.anonymousBytes + other.anonymousBytes,
    cacheBytes: one.cacheBytes + other.cacheBytes,
    processes: one.processes + other.processes,
    pageFaults: one.pageFaults + other.pageFaults,
    receivedBytes: one.receivedBytes + other.receivedBytes,
    sentBytes: one.sentBytes + other.sentBytes,
    readBytes: one.readBytes + other.readBytes,
    writtenBytes: one.writtenBytes + other.writtenBytes,
  };
}
