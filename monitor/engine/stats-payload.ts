import type { ResourceCounters } from './port.ts';
import type { Reading } from './json-stream.ts';

/**
 * Reading of one stats sample. Written by hand rather than with zod because it runs for every
 * container every second (test/monitor/engine/stats-payload.test.ts compares the two).
 */

type Members = Readonly<Record<string, unknown>>;

/** Docker's word for "no limit" on cgroup v1, 2^63 less a page; anything near it means the same. */
const absurdBytes = 2 ** 60;

/** The kernel's upper bound of process ids, PID_MAX_LIMIT: a limit above it limits nothing. */
const absurdPids = 2 ** 22;

/**
 * Turns one sample of the stats call, as JSON text, into counters. `hostMemoryBytes` is the
 * engine's own memory: Docker tells it as the limit of a container that has none. The sample of a
 * container that does not run is skipped. Never throws.
 */
export function readStats(line: string, hostMemoryBytes: number): Reading<ResourceCounters> {
  let payload: unknown;
  try {
    payload = JSON.parse(line);
  } catch {
    return garbageSample('it is not JSON');
  }
  return convertStats(payload, hostMemoryBytes);
}

/** As {@link readStats}, of what has been parsed already. */
export function convertStats(payload: unknown, hostMemoryBytes: number): Reading<ResourceCounters> {
  if (!isMembers(payload)) return garbageSample('it is not an object');
  const read = payload['read'];
  if (typeof read !== 'string') return garbageSample('"read" is not a time');
  // Go's zero time: the container does not run.
  if (read.startsWith('0001-01-01')) return { kind: 'skip' };
  const at = Date.parse(read);
  if (Number.isNaN(at)) return garbageSample('"read" is not a time');

  const cpu = membersOf(payload, 'cpu_stats');
  const memory = membersOf(payload, 'memory_stats');
  const cpuNanoseconds = numberOf(membersOf(cpu, 'cpu_usage'), 'total_usage');
  if (cpuNanoseconds === undefined) return garbageSample('"cpu_usage.total_usage" is no amount');
  const usage = numberOf(memory, 'usage');
  if (usage === undefined) return garbageSample('"memory_stats.usage" is no amount');
  const detail = membersOf(memory, 'stats');
  const throttling = membersOf(cpu, 'throttling_data');
  const pids = membersOf(payload, 'pids_stats');
  // The v1 names with total_ come first: there the bare ones leave out nested groups.
  const inactive = numberOf(detail, 'total_inactive_file') ?? numberOf(detail, 'inactive_file');
  return {
    kind: 'item',
    item: {
      at,
      cpuNanoseconds,
      throttledPeriods: numberOf(throttling, 'throttled_periods') ?? 0,
      periods: numberOf(throttling, 'periods') ?? 0,
      memoryBytes: Math.max(0, usage - (inactive ?? 0)),
      anonymousBytes:
        numberOf(detail, 'anon') ?? numberOf(detail, 'total_rss') ?? numberOf(detail, 'rss') ?? 0,
      cacheBytes:
        numberOf(detail, 'file') ??
        numberOf(detail, 'total_cache') ??
        numberOf(detail, 'cache') ??
        0,
      memoryLimitBytes: limitOf(
        numberOf(memory, 'limit'),
        hostMemoryBytes > 0 ? Math.min(absurdBytes, hostMemoryBytes) : absurdBytes,
      ),
      pageFaults: numberOf(detail, 'total_pgfault') ?? numberOf(detail, 'pgfault') ?? 0,
      pids: numberOf(pids, 'current') ?? 0,
      pidsLimit: limitOf(numberOf(pids, 'limit'), absurdPids),
      forksRefused: undefined,
      network: networkOf(payload['networks']),
      block: blockOf(membersOf(payload, 'blkio_stats')['io_service_bytes_recursive']),
    },
  };
}

/** Undefined for zero and for what is not below `ceiling`. */
function limitOf(value: number | undefined, ceiling: number): number | undefined {
  return value === undefined || value <= 0 || value >= ceiling ? undefined : value;
}

/** The sums over all interfaces; undefined where the container has none of its own. */
function networkOf(value: unknown): ResourceCounters['network'] {
  if (!isMembers(value)) return undefined;
  const sums = { receivedBytes: 0, sentBytes: 0, receivedPackets: 0, sentPackets: 0 };
  let seen = false;
  for (const name in value) {
    const each = membersOf(value, name);
    seen = true;
    sums.receivedBytes += numberOf(each, 'rx_bytes') ?? 0;
    sums.sentBytes += numberOf(each, 'tx_bytes') ?? 0;
    sums.receivedPackets += numberOf(each, 'rx_packets') ?? 0;
    sums.sentPackets += numberOf(each, 'tx_packets') ?? 0;
  }
  return seen ? sums : undefined;
}

/** The sums over all devices; undefined where the engine tells nothing. */
function blockOf(value: unknown): ResourceCounters['block'] {
  if (!Array.isArray(value)) return undefined;
  let readBytes = 0;
  let writtenBytes = 0;
  for (const entry of value as readonly unknown[]) {
    if (!isMembers(entry)) continue;
    const amount = numberOf(entry, 'value') ?? 0;
    // Capitals on cgroup v1, none on v2.
    if (entry['op'] === 'Read' || entry['op'] === 'read') readBytes += amount;
    else if (entry['op'] === 'Write' || entry['op'] === 'write') writtenBytes += amount;
  }
  return { readBytes, writtenBytes };
}

const nothing: Members = {};

function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function membersOf(parent: Members, name: string): Members {
  const value = Object.hasOwn(parent, name) ? parent[name] : undefined;
  return isMembers(value) ? value : nothing;
}

/** A finite number that is not negative. */
function numberOf(parent: Members, name: string): number | undefined {
  const value = Object.hasOwn(parent, name) ? parent[name] : undefined;
  return typeof value === 'number' && value >= 0 && Number.isFinite(value) ? value : undefined;
}

function garbageSample(reason: string): Reading<ResourceCounters> {
  return { kind: 'garbage', reason: `a stats sample was left out: ${reason}` };
}
