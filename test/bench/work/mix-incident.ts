import { classOfCall } from '../../../monitor/detect/syscalls/call-class.ts';
import { mixSeries } from '../../../monitor/detect/syscalls/call-mix.ts';
import { togetherSeries } from '../../../monitor/detect/together/together-sentence.ts';
import { shuffled } from '../../scenarios/work.ts';
import type { Claim, Figures } from './explanation.ts';
import type { Incident } from './incident.ts';

/** Things that a program of old does beside its work, by calls that the work makes as well. */
const doings = {
  'reads, writes, renames, removes': ['read', 'write', 'rename', 'unlink', 'openat'],
  'reads files and sends': ['openat', 'read', 'sendto', 'close'],
  'connects, sends, receives': ['socket', 'connect', 'sendto', 'recvfrom', 'close'],
  'lists folders': ['openat', 'getdents64', 'newfstatat', 'close'],
  'starts programs': ['clone3', 'clone', 'vfork', 'execve', 'wait4', 'exit_group'],
} as const;

type Doing = keyof typeof doings;

/** How much of the last minute is looked at to know which shares were really there. */
const minuteMs = 60_000;

/**
 * One of these begins and lasts, each call at a share of the most that the container ever made of it
 * within a second: no kind of call is new or more frequent than ever, only the mix is another.
 */
export const otherMix: Incident = {
  name: 'another mix of calls',
  meaning: {
    strong: 'at half of their most',
    medium: 'at a quarter of it',
    weak: 'at an eighth of it',
  },
  inject(strength, { tops }, random) {
    const [doing = 'lists folders'] = shuffled(Object.keys(doings) as Doing[], random);
    const names = doings[doing];
    const share = { strong: 1 / 2, medium: 1 / 4, weak: 1 / 8 }[strength];
    const latest: { readonly sinceMs: number; readonly counts: Record<string, number> }[] = [];
    /** Of the calls that count, the share that really were of this kind. */
    const shareOf = (name: string): number => {
      let [mine, all] = [0, 0];
      for (const { counts } of latest) {
        for (const [each, count] of Object.entries(counts)) {
          if (classOfCall(each) !== 'outward') continue;
          all += count;
          if (each === name) mine += count;
        }
      }
      return mine / all;
    };
    return {
      explained: (kind) => mixExplained(kind, names, shareOf),
      syscalls(window, sinceMs) {
        const counts = { ...window.counts };
        for (const name of names) {
          const more = ((tops.get(name) ?? 0) * share * window.intervalMs) / 1000;
          if (more >= 1) counts[name] = (counts[name] ?? 0) + Math.round(more);
        }
        latest.push({ sinceMs, counts });
        while ((latest[0]?.sinceMs ?? sinceMs) <= sinceMs - minuteMs) latest.shift();
        return { ...window, counts };
      },
    };
  },
};

/** By the mix itself, or as what the evidence of all senses together rests on. */
function mixExplained(
  kind: string,
  names: readonly string[],
  shareOf: (name: string) => number,
): readonly Claim[] {
  const says = `n the last minute (?<share>\\d+) % of its [\\d ]+ outward calls were .(?<name>${names.join('|')})., where`;
  const injected = {
    amount: 1,
    least: 0.7,
    most: 1.4,
    told: (figures: Figures): number =>
      Number(figures['share']) / 100 / shareOf(figures['name'] ?? ''),
  };
  if (kind === 'unusual-calls')
    return [{ series: mixSeries, says: new RegExp(`^I${says}`), injected }];
  if (kind !== 'several-senses') return [];
  return [{ series: togetherSeries, says: new RegExp(`System calls .*: .*i${says}`), injected }];
}
