import { agentLoad } from './agents/agent.ts';
import type { Container } from './container.ts';
import { incidentLoad, mostProcesses } from './incident.ts';
import { addLoads } from './load.ts';
import type { Load } from './load.ts';
import type { Traffic } from './network.ts';

/** Counters of one run, from the start of the container's process on. Fractions are kept. */
export interface Counters {
  cpuNanoseconds: number;
  kernelNanoseconds: number;
  periods: number;
  throttledPeriods: number;
  throttledNanoseconds: number;
  pageFaults: number;
  readBytes: number;
  writtenBytes: number;
}

/** A load within the container's limits. */
export interface LimitedLoad extends Load {
  /** The part of CFS periods (ten a second) in which it was throttled; 0 without a CPU limit. */
  readonly throttledPart: number;
  readonly hasCpuLimit: boolean;
  /** Wanted more memory than there is for it. */
  readonly outOfMemory: boolean;
}

/**
 * What a container has used. Time is the container's running time, which stands still while it is
 * paused. Whole seconds are booked as they end, so that reading changes nothing and the figures do
 * not depend on who looked when.
 */
export interface Usage {
  /** Running milliseconds before the present stretch of running. */
  runBeforeMs: number;
  /** Virtual time at which the present stretch began; undefined while nothing runs. */
  runningSince: number | undefined;
  bookedMs: number;
  readonly counters: Counters;
  peakMemoryBytes: number;
  cached: { readonly second: number; readonly load: LimitedLoad } | undefined;
}

/** A container's figures at one moment. */
export interface Reading extends Counters {
  readonly load: LimitedLoad;
  readonly peakMemoryBytes: number;
  readonly interfaces: readonly { readonly name: string; readonly traffic: Traffic }[];
}

/** What the kernel itself keeps for a container, bytes. */
const kernelBytes = 3 * 1024 * 1024;
/** Bytes of payload in an average full packet, and the least in a second with traffic. */
const packetBytes = 1_100;
const periodsPerSecond = 10;

/** Counters of a container that has never run: all zero. */
export function freshUsage(): Usage {
  return {
    runBeforeMs: 0,
    runningSince: undefined,
    bookedMs: 0,
    counters: {
      cpuNanoseconds: 0,
      kernelNanoseconds: 0,
      periods: 0,
      throttledPeriods: 0,
      throttledNanoseconds: 0,
      pageFaults: 0,
      readBytes: 0,
      writtenBytes: 0,
    },
    peakMemoryBytes: 0,
    cached: undefined,
  };
}

/** Milliseconds the container has been running (not paused) since its start. */
export function runMs(usage: Usage, now: number): number {
  return usage.runBeforeMs + (usage.runningSince === undefined ? 0 : now - usage.runningSince);
}

/** Bytes of memory in use, file cache included. */
export function memoryUsage(load: Load): number {
  return load.anonymousBytes + load.cacheBytes + kernelBytes;
}

/** The machine that bounds what a container without limits can use. */
export interface Machine {
  readonly cpus: number;
  readonly memoryBytes: number;
}

/** Books all whole seconds up to `now`. */
export function advanceUsage(container: Container, now: number, machine: Machine): void {
  const { usage } = container;
  const target = runMs(usage, now);
  for (;;) {
    const end = (Math.floor(usage.bookedMs / 1_000) + 1) * 1_000;
    if (end > target) return;
    book(container, end, machine);
  }
}

/**
 * Books up to `now`, a begun second included. To be called before anything changes that the load
 * depends on: limits, networks, incidents, the run itself.
 */
export function settleUsage(container: Container, now: number, machine: Machine): void {
  advanceUsage(container, now, machine);
  const target = runMs(container.usage, now);
  if (target > container.usage.bookedMs) book(container, target, machine);
  container.usage.cached = undefined;
}

/** The figures at `now`. Books whole seconds and nothing else. */
export function readUsage(container: Container, now: number, machine: Machine): Reading {
  advanceUsage(container, now, machine);
  const { usage } = container;
  const load = currentLoad(container, machine);
  const seconds = (runMs(usage, now) - usage.bookedMs) / 1_000;
  const counters = { ...usage.counters };
  addCounters(counters, load, seconds);
  const interfaces = [];
  let carries = true;
  for (const { link } of container.endpoints) {
    // Host and none have no interface of the container's own.
    if (link?.address === undefined) continue;
    const traffic = { ...link.traffic };
    if (carries) addTraffic(traffic, load, seconds);
    carries = false;
    interfaces.push({ name: link.interfaceName, traffic });
  }
  const peakMemoryBytes = Math.max(usage.peakMemoryBytes, memoryUsage(load));
  return { ...counters, load, peakMemoryBytes, interfaces };
}

/** The load of the second under way. */
export function currentLoad(container: Container, machine: Machine): LimitedLoad {
  const { usage } = container;
  const second = Math.floor(usage.bookedMs / 1_000);
  if (usage.cached?.second !== second) {
    usage.cached = { second, load: loadAt(container, second, machine) };
  }
  return usage.cached.load;
}

function book(container: Container, end: number, machine: Machine): void {
  const { usage } = container;
  const load = currentLoad(container, machine);
  const seconds = (end - usage.bookedMs) / 1_000;
  addCounters(usage.counters, load, seconds);
  const carrier = container.endpoints.find(({ link }) => link?.address !== undefined)?.link;
  if (carrier !== undefined) addTraffic(carrier.traffic, load, seconds);
  usage.peakMemoryBytes = Math.max(usage.peakMemoryBytes, memoryUsage(load));
  usage.bookedMs = end;
}

function addCounters(counters: Counters, load: LimitedLoad, seconds: number): void {
  const nanoseconds = load.cpuCores * seconds * 1e9;
  counters.cpuNanoseconds += nanoseconds;
  counters.kernelNanoseconds += nanoseconds * load.kernelShare;
  if (load.hasCpuLimit) {
    counters.periods += periodsPerSecond * seconds;
    counters.throttledPeriods += periodsPerSecond * seconds * load.throttledPart;
    counters.throttledNanoseconds += seconds * load.throttledPart * 0.6e9;
  }
  counters.pageFaults += load.pageFaults * seconds;
  counters.readBytes += load.readBytes * seconds;
  counters.writtenBytes += load.writtenBytes * seconds;
}

function addTraffic(traffic: Traffic, load: Load, seconds: number): void {
  traffic.receivedBytes += load.receivedBytes * seconds;
  traffic.sentBytes += load.sentBytes * seconds;
  traffic.receivedPackets += packetRate(load.receivedBytes, load.sentBytes) * seconds;
  traffic.sentPackets += packetRate(load.sentBytes, load.receivedBytes) * seconds;
}

/** Full packets for the bytes, and an acknowledgement for every second packet the other way. */
function packetRate(bytes: number, bytesBack: number): number {
  return bytes / packetBytes + bytesBack / packetBytes / 2 + (bytes > 0 ? 1 : 0);
}

/** A pure function of the container's seed and agent, its incidents and limits, and the second. */
function loadAt(container: Container, second: number, machine: Machine): LimitedLoad {
  const { limits, plan } = container;
  // Containers of one kind do not all begin their day at the same point of it.
  const offset = container.seed % 3_600;
  let load = agentLoad(plan.agent, container.seed, second + offset);
  for (const incident of container.incidents) {
    const elapsed = Math.max(0, Math.floor(second - incident.startedAtRunMs / 1_000));
    load = addLoads(load, incidentLoad(incident.kind, incident.strength, elapsed, machine.cpus));
  }
  const quota = limits.cpuQuota > 0 ? limits.cpuQuota / (limits.cpuPeriod || 100_000) : 0;
  const cpuLimit = limits.nanoCpus > 0 ? limits.nanoCpus / 1e9 : quota;
  const mostCores = Math.min(cpuLimit > 0 ? cpuLimit : machine.cpus, machine.cpus);
  const memoryLimit = limits.memoryBytes > 0 ? limits.memoryBytes : machine.memoryBytes;
  const anonymousBytes = Math.min(load.anonymousBytes, memoryLimit - kernelBytes);
  return {
    ...load,
    cpuCores: Math.min(load.cpuCores, mostCores),
    hasCpuLimit: cpuLimit > 0,
    throttledPart: cpuLimit > 0 ? Math.min(1, Math.max(0, load.cpuCores / cpuLimit - 0.9)) : 0,
    anonymousBytes,
    cacheBytes: Math.max(0, Math.min(load.cacheBytes, memoryLimit - kernelBytes - anonymousBytes)),
    outOfMemory: load.anonymousBytes > memoryLimit - kernelBytes,
    processes: Math.min(load.processes, limits.pidsLimit > 0 ? limits.pidsLimit : mostProcesses),
  };
}
