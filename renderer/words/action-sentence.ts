import type { Action, ActionName } from '../state/model.ts';

const done: Readonly<Record<ActionName, string>> = {
  notify: 'Told you about',
  pause: 'Paused',
  kill: 'Killed',
  stop: 'Stopped',
  limit: 'Limited',
  quarantine: 'Cut off',
  resume: 'Resumed',
  release: 'Released',
};

const infinitive: Readonly<Record<ActionName, string>> = {
  notify: 'tell you about',
  pause: 'pause',
  kill: 'kill',
  stop: 'stop',
  limit: 'limit',
  quarantine: 'cut off',
  resume: 'resume',
  release: 'release',
};

/** What was done, or was not, in a few words: `Paused agent-3`, `Could not kill agent-3`. */
export function actionHeadline({ name, outcome }: Action, container: string): string {
  switch (outcome.state) {
    case 'started':
      return `Began to ${infinitive[name]} ${container}`;
    case 'would-have':
      return `Would have ${done[name].toLowerCase()} ${container}`;
    case 'proved':
      return `${done[name]} ${container}`;
    case 'partly':
      return `${done[name]} ${container} in part`;
    case 'refused':
      return `Did not ${infinitive[name]} ${container}`;
    case 'failed':
      return `Could not ${infinitive[name]} ${container}`;
  }
}

/** The proof that was read back, or why there is none. Empty while it is not known. */
export function actionProof({ outcome }: Action): string {
  switch (outcome.state) {
    case 'started':
    case 'would-have':
      return '';
    case 'proved':
      return outcome.proof;
    case 'partly':
      return `${outcome.proof} It cannot hold: ${outcome.holes.join('; ')}`;
    case 'refused':
    case 'failed':
      return outcome.reason;
  }
}

/** Who asked for it: `you`, `rule contain runaways`, `Sentra, to keep what was decided`. */
export function requesterWords({ requester }: Action): string {
  switch (requester.kind) {
    case 'person':
      return 'by you';
    case 'policy':
      return `by the rule “${requester.rule}”`;
    case 'upkeep':
      return `by Sentra: ${requester.reason}`;
  }
}

/** How it ended, as a colour. */
export function outcomeTone({ outcome }: Action): 'good' | 'medium' | 'critical' | 'plain' {
  switch (outcome.state) {
    case 'proved':
      return 'good';
    case 'partly':
    case 'refused':
      return 'medium';
    case 'failed':
      return 'critical';
    case 'started':
    case 'would-have':
      return 'plain';
  }
}

/** How it ended, in a word or two. */
export const outcomeWords: Readonly<Record<Action['outcome']['state'], string>> = {
  started: 'under way',
  'would-have': 'would have',
  proved: 'proved',
  partly: 'in part',
  refused: 'not done',
  failed: 'failed',
};
