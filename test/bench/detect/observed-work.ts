import type {
  ContainerObservation,
  EgressObservation,
  ProcessStartObservation,
  ResourceObservation,
  SyscallsObservation,
} from '../../../monitor/model/observation.ts';
import type { EgressDestination } from '../../../monitor/model/egress.ts';
import { quietSeries } from './quiet-series.ts';

const of = { workload: 'bench#agent', container: 'b'.repeat(64) };

/** Kinds of calls that a busy agent makes within a second. */
const calls = [
  ...'read write openat close execve wait4 newfstatat lseek mmap munmap mprotect futex'.split(' '),
  ...'epoll_wait connect socket sendto recvfrom fcntl getdents64 rename unlink clone3'.split(' '),
  ...'pipe2 brk'.split(' '),
];

/** Programs that it starts, and hosts that it talks to. */
const programs = [
  ...'sh bash git node npm python3 pip cc1 as ld make tar gzip sed grep awk find cat ls rm mv cp'.split(
    ' ',
  ),
  ...'mkdir chmod curl ssh rustc cargo go pytest tsc eslint prettier jq diff patch head tail sort'.split(
    ' ',
  ),
];
const hosts = Array.from({ length: 40 }, (_, index) => `host-${index}.domain-${index}.example`);

/** The container that is observed. */
export const observedWork = of;

/**
 * A minute of a busy container, as the sensors tell it: resources, system calls and the start of a
 * program once a second, names and destinations every five. All at time 0: whoever replays it sets the
 * times.
 */
export function observedMinute(seed: number): readonly ContainerObservation[] {
  const burst = quietSeries('bursty', seed);
  return Array.from({ length: 60 }, (_, second) => {
    const load = Math.max(0, burst()) / 80;
    const observations: ContainerObservation[] = [
      resourcesAt(load),
      callsAt(load),
      startAt(60 * seed + second),
    ];
    if (second % 5 === 0) observations.push(egressAt(seed, second));
    return observations;
  }).flat();
}

function resourcesAt(load: number): ResourceObservation {
  return {
    kind: 'resource',
    at: 0,
    ...of,
    intervalMs: 1000,
    cpuCores: load,
    throttledShare: 0,
    memoryBytes: 1e8 + 4e8 * load,
    anonymousBytes: 8e7 + 3e8 * load,
    cacheBytes: 1e7,
    memoryLimitBytes: 8e9,
    memoryLimited: true,
    faultsPerSecond: 20_000 * load,
    pids: 4 + Math.round(12 * load),
    pidsLimit: 512,
    forksRefused: 0,
    network: {
      receivedBytes: 1e5 * load,
      sentBytes: 1e4 * load,
      receivedPackets: 90 * load,
      sentPackets: 70 * load,
    },
    block: { readBytes: 1e6 * load, writtenBytes: 2e6 * load },
    carrier: 'cgroup',
  };
}

function callsAt(load: number): SyscallsObservation {
  const counts = Object.fromEntries(
    calls.map((name, index) => [name, Math.round((1 + 30 * index) * load)]),
  );
  return { kind: 'syscalls', at: 0, ...of, intervalMs: 1000, counts, failed: {}, lost: 0 };
}

function startAt(turn: number): ProcessStartObservation {
  const program = `/usr/bin/${programs[(turn * 7) % programs.length] ?? 'sh'}`;
  const parentProgram = `/usr/bin/${programs[turn % 5] ?? 'sh'}`;
  return {
    ...{
      kind: 'process-start',
      at: 0,
      ...of,
      pid: 1000 + (turn % 5000),
      parentPid: 999,
      uid: 1000,
    },
    ...{ program, parentProgram, programIsNew: false, inMemory: false, network: undefined },
    ...{ arguments: [program, '-c', `step ${turn}`], fromOutside: false },
  };
}

function egressAt(seed: number, second: number): EgressObservation {
  const names = [`build-${second}.registry.example.com`, 'api.example.com'].map((name) => ({
    name,
    refused: false,
    count: 1,
  }));
  const destinations = Array.from({ length: 4 }, (_, index) => to(seed * 11 + second + index));
  const rest = { omitted: 0, breach: undefined };
  return { kind: 'egress', at: 0, ...of, mode: 'observe', names, destinations, ...rest };
}

function to(turn: number): EgressDestination {
  const index = turn % hosts.length;
  return {
    ...{ name: hosts[index] ?? '', address: `203.0.113.${index}`, protocol: 'tcp', port: 443 },
    ...{ sentPackets: 9, sentBytes: 4000, receivedPackets: 20, receivedBytes: 60_000 },
    refusedPackets: 0,
  };
}
