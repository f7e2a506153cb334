import { isNewlyBlind, type Coverage, type SensorName } from '../../model/coverage.ts';
import { isRunning } from '../../model/workload.ts';
import type { WorkloadView } from '../../rpc/service/service.ts';
import type { Tone } from '../terminal/colour.ts';

/** A word for the state of a container, with its tone and its urgency (0 is the most urgent). */
export interface Badge {
  readonly word: string;
  readonly tone: Tone;
  readonly urgency: number;
}

/** The one thing to know about a container; where several hold, the most urgent. */
export function stateBadge(view: WorkloadView): Badge {
  const { containment, findings, workload } = view;
  if (containment !== undefined) return { word: 'contained', tone: 'held', urgency: 1 };
  if (findings.open > 0) {
    if (findings.worst === 'info') return { word: 'finding', tone: 'plain', urgency: 4 };
    const isGrave = findings.worst === 'critical' || findings.worst === 'high';
    return { word: 'finding', tone: isGrave ? 'alarm' : 'warning', urgency: isGrave ? 0 : 2 };
  }
  if (workload.state === 'paused') return { word: 'paused', tone: 'news', urgency: 4 };
  if (!isRunning(workload.state)) return { word: workload.state, tone: 'faint', urgency: 7 };
  if (view.coverage.some(({ sight }) => isNewlyBlind(sight))) {
    return { word: 'blind', tone: 'alarm', urgency: 3 };
  }
  if (view.learning.state === 'learning') return { word: 'learning', tone: 'news', urgency: 5 };
  return { word: 'calm', tone: 'good', urgency: 6 };
}

const letters: Readonly<Record<SensorName, string>> = {
  resource: 'R',
  lifecycle: 'L',
  process: 'P',
  syscalls: 'S',
  egress: 'E',
};

/** What the letters of the coverage badges mean. */
export const coverageLegend =
  'SEES Res Life Proc Sys Egress; small partly ! blind - nobody . asked ? not yet';

/** One character for each sensor: `RL.`, `rL?`, `!L.`. Of what has ended nothing is to be seen. */
export function coverageBadges(view: WorkloadView): string {
  return hasSights(view) ? view.coverage.map(coverageLetter).join('') : '';
}

function hasSights({ workload: { state } }: WorkloadView): boolean {
  return isRunning(state) || state === 'paused';
}

function coverageLetter({ sensor, sight }: Coverage): string {
  const letter = letters[sensor];
  switch (sight.state) {
    case 'seeing':
      return letter;
    case 'partly':
      return letter.toLowerCase();
    case 'blind':
      return sight.lasting === true ? '-' : '!';
    case 'on-demand':
      return '.';
    case 'starting':
      return '?';
  }
}

/** The tone for the whole of the badges. */
export function coverageTone(view: WorkloadView): Tone {
  const { coverage } = view;
  if (!hasSights(view)) return 'plain';
  if (coverage.some(({ sight }) => isNewlyBlind(sight))) return 'alarm';
  return coverage.some(({ sight }) => sight.state === 'partly') ? 'warning' : 'plain';
}
