import type { ResourceCounters } from '../../engine/port.ts';
import type { BlockBytes } from './block-bytes.ts';
import type { InterfaceBytes } from './interface-bytes.ts';

/** Counters that are filled in place, so that a sweep leaves nothing to collect. */
export interface CounterSlot extends ResourceCounters {
  at: number;
  cpuNanoseconds: number;
  throttledPeriods: number;
  periods: number;
  memoryBytes: number;
  anonymousBytes: number;
  cacheBytes: number;
  memoryLimitBytes: number | undefined;
  pageFaults: number;
  pids: number;
  pidsLimit: number | undefined;
  forksRefused: number | undefined;
  network: InterfaceBytes | undefined;
  block: BlockBytes | undefined;
  readonly ownNetwork: InterfaceBytes;
  readonly ownBlock: BlockBytes;
}

/** A slot with nothing in it. `network` and `block` point at the slot's own parts when filled. */
export function newSlot(): CounterSlot {
  return {
    at: 0,
    cpuNanoseconds: 0,
    throttledPeriods: 0,
    periods: 0,
    memoryBytes: 0,
    anonymousBytes: 0,
    cacheBytes: 0,
    memoryLimitBytes: undefined,
    pageFaults: 0,
    pids: 0,
    pidsLimit: undefined,
    forksRefused: undefined,
    network: undefined,
    block: undefined,
    ownNetwork: { receivedBytes: 0, sentBytes: 0, receivedPackets: 0, sentPackets: 0 },
    ownBlock: { readBytes: 0, writtenBytes: 0 },
  };
}

/** Copies what a cgroup tells beside CPU time: memory, processes, block devices. */
export function copyGauges(from: CounterSlot, to: CounterSlot): void {
  to.memoryBytes = from.memoryBytes;
  to.anonymousBytes = from.anonymousBytes;
  to.cacheBytes = from.cacheBytes;
  to.pageFaults = from.pageFaults;
  to.pids = from.pids;
  to.forksRefused = from.forksRefused;
  to.block = from.block === undefined ? undefined : to.ownBlock;
  to.ownBlock.readBytes = from.ownBlock.readBytes;
  to.ownBlock.writtenBytes = from.ownBlock.writtenBytes;
}
