import { isAlive } from '../container.ts';
import type { Container } from '../container.ts';
import type { Traffic } from '../network.ts';
import type { Settings } from '../settings.ts';
import { never } from '../timestamp.ts';
import { memoryUsage, readUsage } from '../usage.ts';
import type { Reading } from '../usage.ts';

/**
 * One look at a container's figures, as text that is ready to be put together: at a thousand streams
 * a second, building objects and turning them into JSON would be most of the simulator's work.
 */
export interface Sample {
  readonly read: string;
  /** The value of `cpu_stats`, which is the next sample's `precpu_stats`. */
  readonly cpu: string;
  /** From `pids_stats` up to `cpu_stats`. */
  readonly before: string;
  /** From `memory_stats` to the end. */
  readonly after: string;
}

/** What a stream showed last. */
export interface Previous {
  readonly read: string;
  readonly cpu: string;
}

/** Seconds that the simulated machine had been up when the simulator started. */
const uptimeSeconds = 86_400;
const noCpu =
  '{"cpu_usage":{"total_usage":0,"usage_in_kernelmode":0,"usage_in_usermode":0},' +
  '"throttling_data":{"periods":0,"throttled_periods":0,"throttled_time":0}}';
const noBlocks =
  '"io_service_bytes_recursive":null,"io_serviced_recursive":null,"io_queue_recursive":null,' +
  '"io_service_time_recursive":null,"io_wait_time_recursive":null,"io_merged_recursive":null,' +
  '"io_time_recursive":null,"sectors_recursive":null';
const otherBlocksV1 =
  '"io_queue_recursive":[],"io_service_time_recursive":[],"io_wait_time_recursive":[],' +
  '"io_merged_recursive":[],"io_time_recursive":[],"sectors_recursive":[]';
const otherBlocksV2 = noBlocks.slice(noBlocks.indexOf('"io_serviced'));

/** Before the first sample of a stream. */
export const noPrevious: Previous = { read: never, cpu: noCpu };

/** The sample of a container that does not run: zeros, and a `read` of the year 1. */
function emptySample(container: Container): Sample {
  return {
    read: never,
    cpu: noCpu,
    before: `"pids_stats":{},"blkio_stats":{${noBlocks}},"num_procs":0,"storage_stats":{},`,
    after: `"memory_stats":{},${identity(container)}}\n`,
  };
}

function identity(container: Container): string {
  return `"name":${JSON.stringify(`/${container.plan.name}`)},"id":"${container.id}"`;
}

/** Looks at a container at the virtual time `now`, which as text is `read`. */
export function takeSample(
  container: Container,
  settings: Settings,
  now: number,
  read: string,
): Sample {
  if (!isAlive(container)) return emptySample(container);
  const reading = readUsage(container, now, settings);
  const first = settings.cgroupVersion === 1;
  const blocks = first ? blocksV1(reading) : blocksV2(reading);
  const networks = networksText(reading);
  return {
    read,
    cpu: cpuText(container, settings, reading, now),
    before:
      `"pids_stats":{"current":${Math.floor(reading.load.processes)}${pidsLimit(container, first)}},` +
      `"blkio_stats":{${blocks}},"num_procs":0,"storage_stats":{},`,
    after:
      `"memory_stats":${memoryText(container, settings, reading)},${identity(container)}` +
      `${networks}}\n`,
  };
}

/** The line that Docker sends for a sample, newline included. */
export function sampleLine(sample: Sample, previous: Previous): string {
  return (
    `{"read":"${sample.read}","preread":"${previous.read}",${sample.before}` +
    `"cpu_stats":${sample.cpu},"precpu_stats":${previous.cpu},${sample.after}`
  );
}

/** Without a limit cgroup v1 says nothing, v2 the largest number of 64 bits. */
function pidsLimit(container: Container, first: boolean): string {
  const { pidsLimit: limit } = container.limits;
  if (limit > 0) return `,"limit":${limit}`;
  return first ? '' : ',"limit":18446744073709551615';
}

function cpuText(container: Container, settings: Settings, reading: Reading, now: number): string {
  const total = Math.floor(reading.cpuNanoseconds);
  // User and kernel time tick in hundredths of a second under v1, in microseconds under v2.
  const tick = settings.cgroupVersion === 1 ? 1e7 : 1e3;
  const kernel = Math.floor(reading.kernelNanoseconds / tick) * tick;
  const user = Math.floor((reading.cpuNanoseconds - reading.kernelNanoseconds) / tick) * tick;
  const elapsed = now - settings.startedAt + uptimeSeconds * 1_000;
  let perCpu = '';
  if (settings.cgroupVersion === 1) {
    const shares = [];
    for (let cpu = 0; cpu < settings.cpus; cpu += 1) {
      const weight = 1 + ((container.seed >>> (cpu % 28)) & 7);
      shares.push(weight);
    }
    const sum = shares.reduce((one, other) => one + other, 0);
    const parts = shares.map((share) => Math.floor((total * share) / sum));
    perCpu = `"percpu_usage":[${parts.join(',')}],`;
  }
  return (
    `{"cpu_usage":{"total_usage":${total},${perCpu}"usage_in_kernelmode":${kernel},` +
    `"usage_in_usermode":${user}},"system_cpu_usage":${elapsed * settings.cpus}000000,` +
    `"online_cpus":${settings.cpus},"throttling_data":{"periods":${Math.floor(reading.periods)},` +
    `"throttled_periods":${Math.floor(reading.throttledPeriods)},` +
    `"throttled_time":${Math.floor(reading.throttledNanoseconds)}}}`
  );
}

function memoryText(container: Container, settings: Settings, reading: Reading): string {
  const { load } = reading;
  const usage = Math.floor(memoryUsage(load));
  const anonymous = Math.floor(load.anonymousBytes);
  const cache = Math.floor(load.cacheBytes);
  const inactive = Math.floor(cache * 0.7);
  const faults = Math.floor(reading.pageFaults);
  const limit = container.limits.memoryBytes || settings.memoryBytes;
  if (settings.cgroupVersion === 2) {
    return (
      `{"usage":${usage},"stats":{"active_anon":${anonymous},"active_file":${cache - inactive},` +
      `"anon":${anonymous},"anon_thp":0,"file":${cache},"file_dirty":0,"file_mapped":0,` +
      `"file_writeback":0,"inactive_anon":0,"inactive_file":${inactive},"kernel_stack":65536,` +
      `"pgactivate":0,"pgdeactivate":0,"pgfault":${faults},"pglazyfree":0,"pglazyfreed":0,` +
      `"pgmajfault":0,"pgrefill":0,"pgscan":0,"pgsteal":0,"shmem":0,"slab":1048576,` +
      `"slab_reclaimable":524288,"slab_unreclaimable":524288,"sock":0,"thp_collapse_alloc":0,` +
      `"thp_fault_alloc":0,"unevictable":0,"workingset_activate":0,"workingset_nodereclaim":0,` +
      `"workingset_refault":0},"limit":${limit}}`
    );
  }
  const hierarchical = container.limits.memoryBytes || 9223372036854771712n;
  const figures = (prefix: string): string =>
    `"${prefix}active_anon":${anonymous},"${prefix}active_file":${cache - inactive},` +
    `"${prefix}cache":${cache},"${prefix}dirty":0,"${prefix}inactive_anon":0,` +
    `"${prefix}inactive_file":${inactive},"${prefix}mapped_file":0,"${prefix}pgfault":${faults},` +
    `"${prefix}pgmajfault":0,"${prefix}rss":${anonymous},"${prefix}rss_huge":0,` +
    `"${prefix}unevictable":0,"${prefix}writeback":0`;
  return (
    `{"usage":${usage},"max_usage":${Math.floor(reading.peakMemoryBytes)},"stats":{` +
    `${figures('')},"hierarchical_memory_limit":${hierarchical},` +
    `"hierarchical_memsw_limit":${container.limits.memorySwapBytes || 9223372036854771712n},` +
    `${figures('total_')}},"limit":${limit}}`
  );
}

function blocksV1(reading: Reading): string {
  const read = Math.floor(reading.readBytes);
  const written = Math.floor(reading.writtenBytes);
  if (read + written === 0) {
    return `"io_service_bytes_recursive":[],"io_serviced_recursive":[],${otherBlocksV1}`;
  }
  const table = (reads: number, writes: number): string =>
    [
      ['Read', reads],
      ['Write', writes],
      ['Sync', writes],
      ['Async', reads],
      ['Discard', 0],
      ['Total', reads + writes],
    ]
      .map(([op, value]) => `{"major":254,"minor":0,"op":"${op}","value":${value}}`)
      .join(',');
  return (
    `"io_service_bytes_recursive":[${table(read, written)}],` +
    `"io_serviced_recursive":[${table(Math.ceil(read / 65_536), Math.ceil(written / 65_536))}],` +
    otherBlocksV1
  );
}

function blocksV2(reading: Reading): string {
  const read = Math.floor(reading.readBytes);
  const written = Math.floor(reading.writtenBytes);
  if (read + written === 0) return noBlocks;
  return (
    `"io_service_bytes_recursive":[{"major":254,"minor":0,"op":"read","value":${read}},` +
    `{"major":254,"minor":0,"op":"write","value":${written}}],${otherBlocksV2}`
  );
}

/** Left out for a container without an interface of its own. */
function networksText(reading: Reading): string {
  if (reading.interfaces.length === 0) return '';
  const one = (name: string, traffic: Traffic): string =>
    `"${name}":{"rx_bytes":${Math.floor(traffic.receivedBytes)},` +
    `"rx_packets":${Math.floor(traffic.receivedPackets)},"rx_errors":0,"rx_dropped":0,` +
    `"tx_bytes":${Math.floor(traffic.sentBytes)},` +
    `"tx_packets":${Math.floor(traffic.sentPackets)},"tx_errors":0,"tx_dropped":0}`;
  return `,"networks":{${reading.interfaces.map(({ name, traffic }) => one(name, traffic)).join(',')}}`;
}
