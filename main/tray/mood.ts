import type { MonitorState } from '../../preload/shell.ts';
import { isNewlyBlind } from '../../monitor/model/coverage.ts';
import { atLeast } from '../../monitor/model/finding.ts';
import { isRunning } from '../../monitor/model/workload.ts';
import type { WorkloadView } from '../../monitor/rpc/service/service.ts';
import type { Picture } from '../picture/picture.ts';

/** The moods of the tray icon, the most urgent first. */
export const moods = [
  'not-watching',
  'no-engine',
  'finding',
  'contained',
  'blind',
  'learning',
  'calm',
] as const;

export type Mood = (typeof moods)[number];

/** A finding that nothing holds yet, and that is more than a note for the record. */
export function hasLooseFinding({ findings, containment }: WorkloadView): boolean {
  const { worst } = findings;
  return containment === undefined && worst !== undefined && atLeast(worst, 'low');
}

/** A container that a sensor should see, and does not. What was never to be had is on its badge alone. */
export function isBlind({ workload, coverage }: WorkloadView): boolean {
  if (!isRunning(workload.state)) return false;
  return coverage.some(({ sight }) => isNewlyBlind(sight));
}

/**
 * The one thing the icon says. A guard that does not guard comes before all it has seen: without a
 * picture (nothing known yet) the mood is that of a monitor that learns.
 */
export function moodOf(monitor: MonitorState, picture: Picture | undefined): Mood {
  switch (monitor.state) {
    case 'stopped':
    case 'restarting':
      return 'not-watching';
    case 'waiting':
      return monitor.cause === 'already-running' ? 'not-watching' : 'no-engine';
    case 'starting':
      return 'learning';
    case 'running':
  }
  if (picture === undefined) return 'learning';
  if (picture.connection.state !== 'connected') return 'no-engine';
  const views = [...picture.workloads.values()];
  if (views.some(hasLooseFinding)) return 'finding';
  const isHeld = views.some(({ containment }) => containment !== undefined);
  if (isHeld || picture.standing.lockdown !== undefined) return 'contained';
  if (views.some(isBlind)) return 'blind';
  const running = views.filter(({ workload }) => isRunning(workload.state));
  return running.some(({ learning }) => learning.state === 'learning') ? 'learning' : 'calm';
}
