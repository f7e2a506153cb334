import type { ResourceObservation } from '../../../monitor/model/observation.ts';
import { quantity, quantityIn, secondsIn, span, type Claim, type Figures } from './explanation.ts';
import { togetherSeries } from '../../../monitor/detect/together/together-sentence.ts';
import type { Incident, Strength } from './incident.ts';

const page = 4096;

/** A process keeps what it allocates; at the limit it is killed, and begins again. */
export const memoryLeak: Incident = {
  name: 'memory leak',
  meaning: { strong: '200 MB/s', medium: '20 MB/s', weak: '1 MB/s' },
  inject(strength, { memoryLimitBytes }) {
    const perMs = { strong: 200e3, medium: 20e3, weak: 1e3 }[strength];
    let heldFrom = 0;
    let killedAt: number | undefined;
    return {
      explained: (kind) => leakExplained(kind, perMs * 1000),
      resource(reading, sinceMs) {
        const leaked = Math.max(0, sinceMs - heldFrom) * perMs;
        if (reading.memoryBytes + leaked >= memoryLimitBytes) {
          heldFrom = sinceMs;
          killedAt = sinceMs;
          return reading;
        }
        return {
          ...reading,
          anonymousBytes: reading.anonymousBytes + leaked,
          memoryBytes: reading.memoryBytes + leaked,
          faultsPerSecond: reading.faultsPerSecond + (perMs * 1000) / page,
        };
      },
      also(fromMs, toMs) {
        if (killedAt === undefined || killedAt <= fromMs || killedAt > toMs) return [];
        const event = { name: 'out-of-memory' } as const;
        return [{ sinceMs: killedAt, observation: { kind: 'lifecycle', event } }];
      },
    };
  },
};

function leakExplained(kind: string, perSecond: number): readonly Claim[] {
  const injected = { amount: perSecond, least: 0.7, most: 1.4 };
  switch (kind) {
    case 'memory-runaway':
      return [
        {
          series: 'memory',
          says: new RegExp(
            `^Memory grows by (?<amount>${quantity}) a second and reaches its limit`,
          ),
          injected,
        },
      ];
    case 'drift':
      return [
        {
          series: 'memory',
          says: new RegExp(
            `^Memory has grown steadily for ${span}, by (?<amount>${quantity}) a second`,
          ),
          injected,
        },
      ];
    case 'out-of-memory':
      // The kernel tells no number.
      return [{ series: 'out of memory', says: /its memory limit was met/ }];
    default:
      return [];
  }
}

/** Processes that start processes and stay. */
export const forkBomb: Incident = {
  name: 'fork bomb',
  meaning: { strong: 'doubling to the limit', medium: '50 a second', weak: '5 a second' },
  inject(strength, { pidsLimit }) {
    const limit = Math.min(pidsLimit, 32_000);
    // Doubling until the kernel does no more than 3,000 a second, after half a second.
    const born = (sinceMs: number): number =>
      strength === 'strong'
        ? Math.min(2 ** (sinceMs / 60), 260 + 3 * Math.max(0, sinceMs - 480))
        : (sinceMs / 1000) * (strength === 'medium' ? 50 : 5);
    return {
      explained: (kind, sinceMs) =>
        kind === 'fork-bomb' || kind === 'pids-runaway'
          ? [growthExplained(Math.min(limit, born(sinceMs)), sinceMs)]
          : [],
      resource(reading, sinceMs) {
        const here = born(sinceMs);
        const before = born(Math.max(0, sinceMs - reading.intervalMs));
        const seconds = reading.intervalMs / 1000;
        const pids = Math.min(limit, Math.round(reading.pids + here));
        const isFull = pids >= limit && strength === 'strong';
        return {
          ...reading,
          pids,
          faultsPerSecond: reading.faultsPerSecond + (80 * (here - before)) / seconds,
          forksRefused:
            reading.forksRefused === undefined
              ? undefined
              : reading.forksRefused + (isFull ? Math.round(2_000 * seconds) : 0),
        };
      },
      syscalls(window, sinceMs) {
        const more = Math.round(born(sinceMs) - born(Math.max(0, sinceMs - window.intervalMs)));
        const counts = { ...window.counts, clone: (window.counts['clone'] ?? 0) + more };
        return { ...window, counts };
      },
    };
  },
};

/** `born` in all since the onset; what the sentence says began before it, or after. */
function growthExplained(born: number, sinceMs: number): Claim {
  const since = sinceMs / 1000;
  const told = ({ from, to, lasted }: Figures): number =>
    (quantityIn(to) - quantityIn(from)) / Math.min(secondsIn(lasted), since);
  return {
    series: 'processes',
    says: new RegExp(
      `^Processes multiply: (?<from>${quantity}) became (?<to>${quantity}) in (?<lasted>${span}),`,
    ),
    injected: { amount: born / since, least: 0.7, most: 1.4, told },
  };
}

/** Computes beside the work, as fast as the container's limit lets it. */
export const miner: Incident = {
  name: 'miner',
  meaning: { strong: 'all cores it may use', medium: '60 % of them', weak: '30 % of them' },
  inject(strength, { cores }) {
    const wanted = cores * { strong: 1, medium: 0.6, weak: 0.3 }[strength];
    return {
      explained: (kind) => computingExplained(kind, wanted),
      resource: (reading) => besideComputing(reading, wanted, cores),
      also: (fromMs, toMs) =>
        fromMs < 200 && toMs >= 200
          ? [{ sinceMs: 200, observation: startOf('/tmp/.cache/kworker', ['--threads=2']) }]
          : [],
    };
  },
};

function computingExplained(kind: string, wanted: number): readonly Claim[] {
  const injected = { amount: wanted, least: 0.8, most: 1.3 };
  if (kind === 'several-senses') {
    const floor = new RegExp(`Resources .*CPU never below (?<amount>${quantity}) for `);
    return [{ series: togetherSeries, says: floor, injected }];
  }
  if (kind !== 'sustained-cpu') return [];
  const without = new RegExp(
    `^Has computed for ${span} without a second of rest, with (?<amount>${quantity}) at least`,
  );
  const still = new RegExp(
    `^Computes without a pause and touches nothing else: (?<amount>${quantity}) for ${span}`,
  );
  return [
    { series: 'CPU without rest', says: without, injected },
    { series: 'CPU', says: still, injected },
  ];
}

/** What is left of the work when something else computes beside it within the same limit. */
function besideComputing(
  reading: ResourceObservation,
  wanted: number,
  cores: number,
): ResourceObservation {
  const share = Math.min(1, cores / (reading.cpuCores + wanted));
  return {
    ...reading,
    cpuCores: (reading.cpuCores + wanted) * share,
    throttledShare: Math.max(reading.throttledShare, share < 1 ? 0.5 : 0),
    faultsPerSecond: reading.faultsPerSecond * share,
    pids: reading.pids + 2,
    anonymousBytes: reading.anonymousBytes + 30e6,
    memoryBytes: reading.memoryBytes + 30e6,
  };
}

/** A log that is written without an end. */
export const diskSpray: Incident = {
  name: 'disk spray',
  meaning: { strong: '200 MB/s', medium: '40 MB/s', weak: '5 MB/s' },
  inject(strength, { memoryLimitBytes }) {
    const perSecond = diskBytes(strength);
    return {
      explained: (kind) =>
        kind === 'level-shift'
          ? [
              {
                series: 'block',
                says: new RegExp(`^Disk: (?<amount>${quantity}) a second for `),
                injected: { amount: perSecond, least: 0.8, most: 1.4 },
              },
            ]
          : [],
      resource(reading, sinceMs) {
        const room = Math.max(0, memoryLimitBytes - reading.memoryBytes - reading.cacheBytes);
        const cached = Math.min(room, (perSecond * sinceMs) / 1000);
        return {
          ...reading,
          cpuCores: reading.cpuCores + perSecond / 2e9,
          cacheBytes: reading.cacheBytes + cached,
          block:
            reading.block === undefined
              ? undefined
              : { ...reading.block, writtenBytes: reading.block.writtenBytes + perSecond },
        };
      },
      syscalls(window) {
        const more = Math.round((perSecond / 65_536) * (window.intervalMs / 1000));
        return {
          ...window,
          counts: { ...window.counts, write: (window.counts['write'] ?? 0) + more },
        };
      },
    };
  },
};

function diskBytes(strength: Strength): number {
  return { strong: 200e6, medium: 40e6, weak: 5e6 }[strength];
}

/** A program that was not there before begins to run in the container. */
export function startOf(program: string, args: readonly string[]) {
  return {
    kind: 'process-start',
    pid: 4_242,
    parentPid: 4_200,
    uid: 0,
    program,
    parentProgram: '/usr/bin/node',
    programIsNew: program.startsWith('/tmp/'),
    inMemory: false,
    network: undefined,
    arguments: [program, ...args],
    fromOutside: false,
  } as const;
}
