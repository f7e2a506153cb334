import type { ContainerChange, ContainerDetail } from '../engine/port.ts';
import type { KeptLimits } from '../model/containment.ts';
import { swapFor } from './undo-left.ts';
import { positive } from './undo-notes.ts';

/** The least quota that the kernel takes, microseconds. */
const leastQuota = 1_000;

/**
 * The part of the limits that is tighter than what is in force; undefined when nothing is. More cores
 * than the machine has are no limit, and the engine would refuse all of the change for them.
 */
export function tighter(
  limits: KeptLimits,
  detail: ContainerDetail,
  hostCpus: number,
): ContainerChange | undefined {
  const change: { -readonly [Key in keyof ContainerChange]: ContainerChange[Key] } = {};
  const { cpuQuota } = detail;
  if (limits.cpus !== undefined && cpuQuota !== undefined) {
    const quota = Math.max(leastQuota, Math.round(limits.cpus * cpuQuota.period));
    if (quota < cpuQuota.quota) change.cpuQuota = quota;
  } else if (limits.cpus !== undefined) {
    const nanoCpus = Math.round(limits.cpus * 1e9);
    if (nanoCpus < (positive(detail.nanoCpus) ?? hostCpus * 1e9)) change.nanoCpus = nanoCpus;
  }
  const { memoryBytes, memorySwapBytes, pids } = limits;
  const memoryNow = positive(detail.memoryLimitBytes) ?? Infinity;
  const swapNow = positive(detail.memorySwapBytes) ?? Infinity;
  if (memoryBytes !== undefined) {
    const memory = Math.min(memoryBytes, memoryNow);
    const kept = positive(memorySwapBytes ?? 0);
    // The engine takes no limit on both that is below that on the memory.
    const swap = kept === undefined ? undefined : Math.max(kept, memory);
    if (memory < memoryNow || (swap !== undefined && swap < swapNow)) {
      change.memoryBytes = memory;
      // The engine wants both at once, and an existing limit on swap is not Sentra's to change.
      change.memorySwapBytes =
        swap === undefined || swap > swapNow ? swapFor(detail.memorySwapBytes, memory) : swap;
    }
  }
  if (pids !== undefined && pids < (positive(detail.pidsLimit) ?? Infinity)) {
    change.pidsLimit = pids;
  }
  return Object.keys(change).length === 0 ? undefined : change;
}

/**
 * What the container is to be kept to after a limit was carried out: of what was wanted now and
 * before the tighter, and nothing of what `missing` could not bring into force.
 */
export function keptAfter(
  wanted: KeptLimits,
  earlier: KeptLimits | undefined,
  missing: ContainerChange | undefined,
  detail: ContainerDetail,
): KeptLimits {
  const least = (one: number | undefined, other: number | undefined): number | undefined =>
    one === undefined || other === undefined ? (one ?? other) : Math.min(one, other);
  const isMissing = (...members: readonly (keyof ContainerChange)[]): boolean =>
    members.some((member) => missing?.[member] !== undefined);
  const memory = isMissing('memoryBytes')
    ? undefined
    : least(wanted.memoryBytes, earlier?.memoryBytes);
  return {
    cpus: isMissing('nanoCpus', 'cpuQuota') ? undefined : least(wanted.cpus, earlier?.cpus),
    memoryBytes: memory,
    memorySwapBytes: memory === undefined ? undefined : detail.memorySwapBytes,
    pids: isMissing('pidsLimit') ? undefined : least(wanted.pids, earlier?.pids),
  };
}

/**
 * What of a change that is not in force is given up. What was kept before is not, since somebody who
 * loosens it again and again, or an engine out of order, would have it so; but for memory that the
 * kernel does not give back, which it would be asked for in vain.
 */
export function givenUp(
  change: ContainerChange,
  refused: ContainerChange,
  earlier: KeptLimits | undefined,
): ContainerChange {
  const { memoryBytes, nanoCpus, cpuQuota, pidsLimit } = change;
  const isMemoryKept = earlier?.memoryBytes !== undefined && refused.memoryBytes === undefined;
  return {
    ...(memoryBytes === undefined || isMemoryKept ? {} : { memoryBytes }),
    ...(nanoCpus === undefined || earlier?.cpus !== undefined ? {} : { nanoCpus }),
    ...(cpuQuota === undefined || earlier?.cpus !== undefined ? {} : { cpuQuota }),
    ...(pidsLimit === undefined || earlier?.pids !== undefined ? {} : { pidsLimit }),
  };
}

/** A change in two: what goes without the memory, and the memory, which the kernel may refuse. */
export function apart(change: ContainerChange): readonly ContainerChange[] {
  const { memoryBytes, memorySwapBytes, ...rest } = change;
  if (memoryBytes === undefined || memorySwapBytes === undefined) return [change];
  const memory = { memoryBytes, memorySwapBytes };
  return Object.keys(rest).length === 0 ? [memory] : [rest, memory];
}

/** The limits in force, in words. */
export function limitsInWords(detail: ContainerDetail): string {
  const memory = positive(detail.memoryLimitBytes);
  const { cpuQuota } = detail;
  const byQuota = cpuQuota === undefined ? undefined : cpuQuota.quota / cpuQuota.period;
  const cpus = byQuota ?? (detail.nanoCpus > 0 ? detail.nanoCpus / 1e9 : undefined);
  const pids = positive(detail.pidsLimit);
  return [
    cpus === undefined ? 'no CPU limit' : `${cpus} ${cpus === 1 ? 'core' : 'cores'}`,
    memory === undefined ? 'no memory limit' : `${memory} bytes of memory`,
    pids === undefined
      ? 'no limit of processes'
      : `${pids} ${pids === 1 ? 'process' : 'processes'}`,
  ].join(', ');
}
