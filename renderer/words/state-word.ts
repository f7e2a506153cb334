import { isBlind } from '../state/container-list.ts';
import { isRunning, type Severity, type WorkloadView } from '../state/model.ts';

/** The one thing to know about a container, in a word, with the colour it is written in. */
export interface StateWord {
  readonly word: string;
  readonly tone: Severity | 'good' | 'held' | 'plain' | 'accent';
}

const held = { frozen: 'frozen', quarantined: 'cut off', limited: 'limited' } as const;

/** Where several things hold, what binds the container comes first, then what is wrong with it. */
export function stateWord(view: WorkloadView): StateWord {
  const { containment, findings, workload, learning } = view;
  if (containment !== undefined) return { word: held[containment.depth], tone: 'held' };
  if (workload.state === 'paused') return { word: 'paused', tone: 'accent' };
  if (!isRunning(workload)) return { word: workload.state, tone: 'plain' };
  if (findings.worst !== undefined && findings.worst !== 'info') {
    return { word: findings.worst, tone: findings.worst };
  }
  if (isBlind(view)) return { word: 'blind', tone: 'critical' };
  if (learning.state === 'learning') return { word: 'learning', tone: 'low' };
  return { word: 'calm', tone: 'good' };
}
