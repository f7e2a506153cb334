import { bytes } from '../format/bytes.ts';
import { countOf, exactCores } from '../format/number.ts';
import type { Decision, PlannedAction } from '../state/model.ts';

/** What a rule asks for, in words: `pause`, `stop within 10 s`, `limit to 0.5 cores`. */
export function plannedWords(action: PlannedAction): string {
  switch (action.kind) {
    case 'notify':
      return 'tell you';
    case 'pause':
      return 'freeze it and cut it off';
    case 'kill':
      return 'kill it';
    case 'stop':
      return `stop it within ${action.graceSeconds} s`;
    case 'quarantine':
      return 'cut it off';
    case 'limit': {
      const parts = [
        action.cpus === undefined ? undefined : exactCores(action.cpus),
        action.memoryBytes === undefined ? undefined : bytes(action.memoryBytes),
        action.pids === undefined ? undefined : countOf(action.pids, 'process', 'processes'),
      ].filter((part) => part !== undefined);
      return `limit it to ${parts.join(', ')}`;
    }
  }
}

/** Several things a rule asks for: `tell you, freeze it and cut it off`. */
export function plannedSentence(actions: readonly PlannedAction[]): string {
  return actions.length === 0 ? 'do nothing' : actions.map(plannedWords).join('; ');
}

/** A decision as a sentence. */
export function decisionSentence({ rule, mode, actions, muted }: Decision): string {
  const silent = muted === true ? ' It was muted.' : '';
  const wish = plannedSentence(actions);
  return mode === 'enforce'
    ? `The rule “${rule}” decided: ${wish}.${silent}`
    : `The rule “${rule}” would have decided: ${wish}.${silent}`;
}
