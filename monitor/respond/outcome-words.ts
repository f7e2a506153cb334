import type { ActionOutcome } from '../model/action.ts';

/** How an action ended, in words for the log. */
export function outcomeInWords(outcome: ActionOutcome): string {
  switch (outcome.state) {
    case 'started':
    case 'would-have':
      return outcome.state;
    case 'proved':
      return `proved. ${outcome.proof}`;
    case 'partly':
      return `done in part. ${outcome.proof} ${outcome.holes.join(' ')}`;
    case 'refused':
    case 'failed':
      return `${outcome.state}. ${outcome.reason}`;
  }
}
