import type { Action, ActionName } from '../../monitor/model/action.ts';
import type { Finding, Severity } from '../../monitor/model/finding.ts';
import type { ContainerId } from '../../monitor/model/workload.ts';
import { assertNever } from '../../monitor/runtime/assert-never.ts';
import { plainText } from '../../monitor/runtime/plain-text.ts';
import type { Place } from '../../preload/shell.ts';
import { countOf, shownName } from '../tray/words.ts';

/** The longest body of a notification, in characters; servers cut what is longer as they like. */
const bodyLimit = 300;

/** What a button asks for. Only what tightens is done at once; the rest opens the window. */
export type NoticeDeed =
  /** With its name, untrusted: it must be told also while no monitor runs that knows it. */
  | { readonly kind: 'freeze'; readonly container: ContainerId; readonly name: string }
  /** Held connections are refused once; no rule is made. */
  | { readonly kind: 'refuse-held'; readonly requests: readonly string[] }
  | { readonly kind: 'open'; readonly place: Place };

/** A notification as data. Title and body are plain text. */
export interface Notice {
  readonly title: string;
  readonly body: string;
  readonly urgency: 'normal' | 'critical';
  /** Where a click on the notification itself leads. */
  readonly place: Place;
  readonly buttons: readonly { readonly label: string; readonly deed: NoticeDeed }[];
}

/** What is told of one container at once. */
export interface ContainerNews {
  readonly container: ContainerId;
  /** Untrusted. */
  readonly name: string;
  /** What was found, the gravest first; empty when only something done is told. */
  readonly findings: readonly Finding[];
  /** The latest that was done to it or would have been; never `notify`. */
  readonly action: Action | undefined;
}

/** One notification for everything that is new about a container. */
export function containerNotice({ container, name, findings, action }: ContainerNews): Notice {
  const [finding, ...others] = findings;
  const shown = shownName(name);
  const place: Place =
    finding === undefined
      ? { screen: 'container', container }
      : { screen: 'finding', finding: finding.id };
  const held = action !== undefined && holds(action);
  const sentences = [
    ...(finding === undefined ? [] : [finding.sentence]),
    ...(others.length === 0 ? [] : [`${countOf(others.length, 'further finding')}.`]),
    ...(action === undefined || (finding === undefined && held) ? [] : [outcomeSentence(action)]),
    ...(finding === undefined && held ? [proofOf(action)] : []),
  ].filter((sentence) => sentence !== '');
  return {
    title: titleOf(shown, finding, action),
    body: plainText(sentences.join(' '), bodyLimit),
    urgency:
      isGrave(finding?.severity) || action?.outcome.state === 'failed' ? 'critical' : 'normal',
    place,
    buttons: [
      ...(held ? [] : [{ label: 'Freeze', deed: { kind: 'freeze', container, name } as const }]),
      {
        label: 'Kill …',
        deed: { kind: 'open', place: { screen: 'confirm', action: 'kill', container } },
      },
      { label: 'Open', deed: { kind: 'open', place } },
    ],
  };
}

function isGrave(severity: Severity | undefined): boolean {
  return severity === 'high' || severity === 'critical';
}

/** True when the container is held, or gone, by this action. */
function holds({ name, outcome }: Action): boolean {
  const done = outcome.state === 'proved' || outcome.state === 'partly';
  return done && (name === 'pause' || name === 'quarantine' || name === 'kill' || name === 'stop');
}

const done: Readonly<Record<ActionName, string>> = {
  notify: 'told',
  pause: 'frozen',
  kill: 'killed',
  stop: 'stopped',
  limit: 'limited',
  quarantine: 'cut off from the network',
  resume: 'resumed',
  release: 'released',
};

function titleOf(name: string, finding: Finding | undefined, action: Action | undefined): string {
  if (action !== undefined && holds(action)) {
    const inPart = action.outcome.state === 'partly' ? ', in part' : '';
    return `${name} is ${done[action.name]}${inPart}`;
  }
  if (finding === undefined && action !== undefined) return `${name}: ${action.name}`;
  return isGrave(finding?.severity) ? `${name} needs you` : `${name} is not as usual`;
}

function proofOf({ outcome }: Action): string {
  return outcome.state === 'proved' || outcome.state === 'partly' ? outcome.proof : '';
}

/** What became of the action, as a sentence. */
function outcomeSentence({ name, outcome }: Action): string {
  switch (outcome.state) {
    case 'started':
      return '';
    case 'would-have':
      return `In enforce mode it would be ${done[name]} now.`;
    case 'proved':
      return `It is ${done[name]}: ${outcome.proof}`;
    case 'partly':
      return `It is ${done[name]} in part; this cannot be held: ${outcome.holes.join('; ')}.`;
    case 'refused':
      return `Sentra did not ${name} it: ${outcome.reason}`;
    case 'failed':
      return `Sentra could NOT ${name} it: ${outcome.reason}`;
    default:
      return assertNever(outcome);
  }
}

/** Told in place of single notifications when there would be too many. */
export function manyNotice(containers: number): Notice {
  return {
    title: `${countOf(containers, 'container')} ${containers === 1 ? 'needs' : 'need'} a look`,
    body: 'There is more than notifications can tell. Open Sentra to see all of it.',
    urgency: 'critical',
    place: { screen: 'overview' },
    buttons: [{ label: 'Open', deed: { kind: 'open', place: { screen: 'overview' } } }],
  };
}

/** Told when the guard itself no longer guards, or guards again. */
export function guardNotice(title: string, body: string, urgency: Notice['urgency']): Notice {
  return {
    title,
    body: plainText(body, bodyLimit),
    urgency,
    place: { screen: 'overview' },
    buttons: [{ label: 'Open', deed: { kind: 'open', place: { screen: 'overview' } } }],
  };
}
