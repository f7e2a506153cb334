import type { Milliseconds } from '../../model/time.ts';

/**
 * The detectors that judge by a workload's own history, and therefore draw on the budget of alarms:
 * the level of each resource series, the system calls, the names asked of DNS.
 */
export const alarmSources = [
  'cpu',
  'memory',
  'processes',
  'sent',
  'received',
  'block',
  'calls',
  'names',
] as const;

export type AlarmSource = (typeof alarmSources)[number];

/** What one incident is likely to move at the same time. */
export type AlarmClass = 'resources' | 'calls' | 'names';

/** The class of a source. */
export function classOf(source: AlarmSource): AlarmClass {
  return source === 'calls' || source === 'names' ? source : 'resources';
}

const dayMs: Milliseconds = 86_400_000;

/**
 * Observed time without an episode that a source may count before it has seen anything. The names
 * have some: their strength is a likelihood against ordinary names, and none of the domains in 90,000
 * ordinary queries reached it (docs/detectors.md), three months of a container that asks a thousand
 * times a day. What the others measure means nothing until the workload is known.
 */
export function priorMsOf(source: AlarmSource): Milliseconds {
  return source === 'names' ? 90 * dayMs : 0;
}
