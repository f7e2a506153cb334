import type { Milliseconds } from '../../model/time.ts';

/**
 * The detectors that judge by a workload's own history, and therefore draw on the budget of alarms:
 * the level of each resource series, the system calls and among them those that hardly any program
 * makes and new ones of programs that are not, their mix, the names asked of DNS, and all senses
 * together.
 */
export const alarmSources = [
  'cpu',
  'memory',
  'processes',
  'sent',
  'received',
  'block',
  'calls',
  'rare-calls',
  'familiar-calls',
  'call-mix',
  'names',
  'together',
] as const;

export type AlarmSource = (typeof alarmSources)[number];

/** What one incident is likely to move at the same time. */
export type AlarmClass = 'resources' | 'calls' | 'names' | 'together';

/** The class of a source. */
export function classOf(source: AlarmSource): AlarmClass {
  switch (source) {
    case 'names':
      return 'names';
    case 'together':
      return 'together';
    case 'calls':
    case 'rare-calls':
    case 'familiar-calls':
    case 'call-mix':
      return 'calls';
    case 'cpu':
    case 'memory':
    case 'processes':
    case 'sent':
    case 'received':
    case 'block':
      return 'resources';
  }
}

/** What all senses together draw on, in shares of another source; see `shareOf`. */
const togetherShare = 1 / 4;
/** Sources that rest on knowledge from outside, and the others but that of all senses together. */
const fromOutside = 2;
const fromOwn = alarmSources.length - 1 - fromOutside;

/**
 * The source's share of the budget; all add up to 1. What all senses together tell of, one of the sources
 * that go by the workload's own history would often tell of too, later or by more: so these give it a part
 * of theirs. Those that rest on knowledge from outside have none to give: a rare call that is new is told
 * of at just that share.
 */
export function shareOf(source: AlarmSource): number {
  const even = 1 / (fromOutside + fromOwn);
  if (source === 'names' || source === 'rare-calls') return even;
  if (source === 'together') return togetherShare * even;
  return even * (1 - togetherShare / fromOwn);
}

const dayMs: Milliseconds = 86_400_000;

/**
 * Observed time without an episode that a source may count before it has seen anything. The names
 * have some: their strength is a likelihood against ordinary names, and none of the domains in 90,000
 * ordinary queries reached it (docs/detectors.md), three months of a container that asks a thousand
 * times a day. So have calls that hardly any program makes: a new one comes with a program that is
 * new to the container, of which real work ran 12 to 19 in its first hour after learning; 20 are taken
 * to be a day's; and 11 of 2,520 programs and libraries could make one (`rare-call-kinds.ts`).
 * That is once in 2,520 / (20 · 11) days. What the others measure means nothing until the workload is
 * known.
 */
export function priorMsOf(source: AlarmSource): Milliseconds {
  if (source === 'names') return 90 * dayMs;
  return source === 'rare-calls' ? 11 * dayMs : 0;
}
