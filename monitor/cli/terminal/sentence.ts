import type { Action, ActionName } from '../../model/action.ts';
import type { Finding } from '../../model/finding.ts';
import { assertNever } from '../../runtime/assert-never.ts';
import type { ConnectionView } from '../../rpc/service/service.ts';
import { countOf } from './figures.ts';
import { oneLine } from './width.ts';

/** The longest sentence that is shown among others, in characters. */
const sentenceLimit = 600;

const done: Readonly<Record<ActionName, string>> = {
  notify: 'told you about',
  pause: 'paused',
  kill: 'killed',
  stop: 'stopped',
  limit: 'limited',
  quarantine: 'quarantined',
  resume: 'resumed',
  release: 'released',
};

/** A finding as a sentence with the container's name in front. Safe for a terminal. */
export function findingSentence(finding: Finding, name: string): string {
  const technique =
    finding.technique === undefined ? '' : ` (${finding.technique.id} ${finding.technique.name})`;
  return oneLine(`${name}: ${finding.sentence}${technique}`, sentenceLimit);
}

/** What was done, or would have been, in at most `limit` characters. Safe for a terminal. */
export function actionSentence(action: Action, name: string, limit = sentenceLimit): string {
  return oneLine(`${outcomeSentence(action, name)}${requesterClause(action)}`, limit);
}

function outcomeSentence(action: Action, name: string): string {
  const { outcome } = action;
  const verb = done[action.name];
  switch (outcome.state) {
    case 'started':
      return `${action.name} of ${name} has begun`;
    case 'would-have':
      return `would have ${verb} ${name}`;
    case 'proved':
      return `${verb} ${name}: ${withoutVerb(outcome.proof)}`;
    case 'partly':
      return `${verb} ${name} in part: ${withoutVerb(outcome.proof)} ${leftOpen(action.name)}: ${outcome.holes.join('; ')}`;
    case 'refused':
      return `did not ${action.name} ${name}: ${outcome.reason}`;
    case 'failed':
      return `could not ${action.name} ${name}: ${outcome.reason}`;
    default:
      return assertNever(outcome);
  }
}

/** What gives back holds nothing: what is left of it is what has changed. */
function leftOpen(name: ActionName): string {
  return name === 'release' || name === 'resume' ? 'Not as before' : 'It cannot hold';
}

/** A proof may begin by naming the deed (`Killed.`), which the sentence has just done. */
function withoutVerb(proof: string): string {
  return proof.replace(/^\w+\. (?=.)/, '');
}

function requesterClause({ requester }: Action): string {
  switch (requester.kind) {
    case 'policy':
      return ` [rule ${requester.rule}]`;
    case 'person':
      return '';
    case 'upkeep':
      return ` [upkeep: ${requester.reason}]`;
    default:
      return assertNever(requester);
  }
}

/** The connection to the engine in words. Safe for a terminal. */
export function connectionSentence(connection: ConnectionView, now: number): string {
  switch (connection.state) {
    case 'connected':
      return 'connected';
    case 'reconnecting': {
      const seconds = Math.max(0, Math.round((now - connection.since) / 1000));
      return oneLine(`NOT CONNECTED for ${countOf(seconds, 'second')}: ${connection.error}`);
    }
    case 'none':
      return 'no engine';
    default:
      return assertNever(connection);
  }
}
