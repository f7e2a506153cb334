import { letterTable } from '../../../monitor/detect/dns/letter-table.ts';
import { letterCount, letters } from '../../../monitor/detect/dns/letters.ts';
import type { EgressDestination } from '../../../monitor/model/egress.ts';
import type { ResourceObservation } from '../../../monitor/model/observation.ts';
import { evenNumbers, quietSeries, type QuietKind } from './quiet-series.ts';

/** What of a container is looked at; the rest of it stands still. */
export const quietSenses = ['levels', 'calls', 'names', 'places', 'together'] as const;

export type QuietSense = (typeof quietSenses)[number];

const still: Omit<ResourceObservation, 'at' | 'workload' | 'container'> = {
  kind: 'resource',
  intervalMs: 1000,
  cpuCores: 0.01,
  throttledShare: 0,
  memoryBytes: 5e7,
  anonymousBytes: 4e7,
  cacheBytes: 1e7,
  memoryLimitBytes: 1e15,
  memoryLimited: false,
  faultsPerSecond: 1_000,
  pids: 4,
  pidsLimit: undefined,
  forksRefused: 0,
  network: { receivedBytes: 300, sentBytes: 300, receivedPackets: 3, sentPackets: 3 },
  block: { readBytes: 0, writtenBytes: 0 },
  carrier: 'cgroup',
};

const calls = ['read', 'write', 'openat', 'connect', 'sendto', 'execve'];

/** From look to look at where it talks to; what stands still otherwise is told of as seldom. */
const lookMs = 5_000;

/**
 * An endless quiet container: each call gives what is seen of it next, the resources first, whose interval
 * says how much time has passed. What moves is of one kind of quiet series, with a seed for each.
 */
export function quietContainer(sense: QuietSense, kind: QuietKind, seed: number) {
  const next = [...calls, ...calls].map((_, at) => quietSeries(kind, 100 * seed + at));
  const value = (at: number): number => Math.max(0, (next[at]?.() ?? 0) + offsetOf(kind));
  const even = evenNumbers(seed);
  const seldom = { ...still, intervalMs: lookMs };
  return () => {
    switch (sense) {
      case 'levels':
        return [moving(value)];
      case 'calls':
        return [still, called(value)];
      case 'together':
        return [moving(value), called((at) => value(at + calls.length))];
      case 'names': {
        const many = Math.min(50, Math.round(value(0) / 10));
        return [
          seldom,
          egress(
            Array.from({ length: many }, () => ordinaryName(even)),
            [],
          ),
        ];
      }
      case 'places':
        return [seldom, egress([], [destination(0, value(0)), destination(1, value(1))])];
    }
  };
}

/** The series that swings about zero is lifted, for nothing that is counted is less than nothing. */
function offsetOf(kind: QuietKind): number {
  return kind === 'autocorrelated' ? 40 : 0;
}

function called(value: (at: number) => number) {
  const counts = Object.fromEntries(calls.map((name, at) => [name, Math.round(10 * value(at))]));
  return { kind: 'syscalls', intervalMs: 1000, counts, failed: {}, lost: 0 } as const;
}

function moving(value: (at: number) => number): typeof still {
  const [sent, received] = [1e3 * value(3), 1e3 * value(4)];
  return {
    ...still,
    cpuCores: value(0) / 50,
    anonymousBytes: 1e6 * value(1),
    memoryBytes: 1e9,
    pids: 1 + Math.round(value(2)),
    // Answered, so that it is no flood.
    network: { receivedBytes: received, sentBytes: sent, receivedPackets: 99, sentPackets: 99 },
    block: { readBytes: 0, writtenBytes: 1e5 * value(5) },
  };
}

function egress(names: readonly string[], destinations: readonly EgressDestination[]) {
  const asked = names.map((name) => ({ name, refused: false, count: 1 }));
  const rest = { omitted: 0, breach: undefined };
  return { kind: 'egress', mode: 'observe', names: asked, destinations, ...rest } as const;
}

function destination(place: number, value: number): EgressDestination {
  return {
    ...{ name: `host.place-${place}.example`, address: '203.0.113.9', protocol: 'tcp', port: 443 },
    ...{ sentPackets: 9, sentBytes: 1e4 * value, receivedPackets: 9, receivedBytes: 900 },
    refusedPackets: 0,
  };
}

/** The share of each letter after each, as ordinary host names have them: the detector's own null. */
const shares = letterTable.map((row) =>
  Array.from({ length: letterCount }, (_, next) =>
    Math.exp(-Number.parseInt(row.slice(2 * next, 2 * next + 2), 36) / 16),
  ),
);

/** A host name drawn from the model of ordinary ones, below one of 20 domains. */
function ordinaryName(even: () => number): string {
  let label = '';
  let before: number = letters.edge;
  while (label.length < 20) {
    const row = (shares[before] ?? []).map((share, at) => (at === letters.other ? 0 : share));
    let left = even() * row.reduce((sum, share) => sum + share, 0);
    const letter = row.findIndex((share) => (left -= share) <= 0);
    if (letter === letters.edge) {
      if (label !== '') break;
    } else label += spelt(letter, even);
    before = letter;
  }
  return `${label}.domain-${Math.floor(20 * even())}.example`;
}

function spelt(letter: number, even: () => number): string {
  if (letter === letters.digit) return String(Math.floor(10 * even()));
  return letter === letters.dash ? '-' : String.fromCharCode(97 + letter);
}
