import type { ResourceCounters } from '../../engine/port.ts';
import type { BlockRates, NetworkRates, ResourceObservation } from '../../model/observation.ts';
import type { Milliseconds, Moment } from '../../model/time.ts';
import type { Workload } from '../../model/workload.ts';

/** What a pair of readings cannot say of itself. */
export interface RateContext {
  readonly workload: Pick<Workload, 'key' | 'container'>;
  /** When the later reading was taken, by the monitor's clock. */
  readonly at: Moment;
  /** Time between the two readings by the monitor's monotonic clock. */
  readonly elapsedMs: Milliseconds;
  readonly hostMemoryBytes: number;
  readonly carrier: ResourceObservation['carrier'];
}

/** Why two readings give no observation. */
export type NoRates =
  /** Counters went back: they belong to another run of the container. */
  | 'restarted'
  /** No time has passed between them, or the clock was set back. */
  | 'no-time'
  /** Too long ago to speak of an average, or the clock was set forward. */
  | 'gap';

/** The longest interval that an observation may stand for, milliseconds. */
export const longestIntervalMs = 10_000;

/** How far the engine's time between two readings may be from ours, milliseconds. */
const toleratedDriftMs = 3000;

/**
 * The observation that two readings of cumulative counters give: rates are differences over the
 * interval. The interval is the monotonic one where we read the counters ourselves, and the
 * engine's where the engine did, since its messages may arrive late; an engine's interval that is
 * far from ours comes from a clock that was set, and is not used.
 */
export function toObservation(
  previous: ResourceCounters,
  next: ResourceCounters,
  context: RateContext,
): ResourceObservation | NoRates {
  const intervalMs = context.carrier === 'cgroup' ? context.elapsedMs : next.at - previous.at;
  if (!(intervalMs > 0)) return 'no-time';
  if (intervalMs > longestIntervalMs) return 'gap';
  if (Math.abs(intervalMs - context.elapsedMs) > toleratedDriftMs) return 'gap';
  const cpuNanoseconds = next.cpuNanoseconds - previous.cpuNanoseconds;
  const faults = next.pageFaults - previous.pageFaults;
  if (cpuNanoseconds < 0 || faults < 0) return 'restarted';
  // A quota that was set or lifted in between starts the periods anew.
  const periods = next.periods - previous.periods;
  const throttled = next.throttledPeriods - previous.throttledPeriods;
  const seconds = intervalMs / 1000;
  return {
    kind: 'resource',
    at: context.at,
    workload: context.workload.key,
    container: context.workload.container,
    intervalMs,
    cpuCores: cpuNanoseconds / 1e9 / seconds,
    throttledShare: periods > 0 && throttled > 0 ? Math.min(1, throttled / periods) : 0,
    memoryBytes: next.memoryBytes,
    anonymousBytes: next.anonymousBytes,
    cacheBytes: next.cacheBytes,
    memoryLimitBytes: next.memoryLimitBytes ?? context.hostMemoryBytes,
    memoryLimited: next.memoryLimitBytes !== undefined,
    faultsPerSecond: faults / seconds,
    pids: next.pids,
    pidsLimit: next.pidsLimit,
    forksRefused: growth(previous.forksRefused, next.forksRefused),
    network: networkRates(previous.network, next.network, seconds),
    block: blockRates(previous.block, next.block, seconds),
    carrier: context.carrier,
  };
}

/** Undefined when one of the two is not known, or the count began anew. */
function growth(previous: number | undefined, next: number | undefined): number | undefined {
  if (previous === undefined || next === undefined || next < previous) return undefined;
  return next - previous;
}

/** Undefined when an interface left and took its counters along. */
function networkRates(
  previous: ResourceCounters['network'],
  next: ResourceCounters['network'],
  seconds: number,
): NetworkRates | undefined {
  if (previous === undefined || next === undefined) return undefined;
  const receivedBytes = (next.receivedBytes - previous.receivedBytes) / seconds;
  const sentBytes = (next.sentBytes - previous.sentBytes) / seconds;
  const receivedPackets = (next.receivedPackets - previous.receivedPackets) / seconds;
  const sentPackets = (next.sentPackets - previous.sentPackets) / seconds;
  if (receivedBytes < 0 || sentBytes < 0 || receivedPackets < 0 || sentPackets < 0) {
    return undefined;
  }
  return { receivedBytes, sentBytes, receivedPackets, sentPackets };
}

/** Undefined when a device left and took its counters along. */
function blockRates(
  previous: ResourceCounters['block'],
  next: ResourceCounters['block'],
  seconds: number,
): BlockRates | undefined {
  if (previous === undefined || next === undefined) return undefined;
  const readBytes = (next.readBytes - previous.readBytes) / seconds;
  const writtenBytes = (next.writtenBytes - previous.writtenBytes) / seconds;
  return readBytes < 0 || writtenBytes < 0 ? undefined : { readBytes, writtenBytes };
}
