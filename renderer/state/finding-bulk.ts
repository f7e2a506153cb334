import { muteOf } from './finding-list.ts';
import { wordOn } from './finding-word.ts';
import type { Finding, Refusal, Triage, Value } from './model.ts';
import type { Store } from './store.ts';

/** One thing that is said for several findings at once, and what is known of it before. */
export type BulkStep =
  | { readonly kind: 'acknowledge'; readonly finding: string }
  | {
      readonly kind: 'mute';
      readonly of: Pick<Finding, 'workload' | 'kind'>;
      readonly forMs: number;
      /** When a mute that this one takes the place of would have ended; milliseconds since 1970. */
      readonly before: number | undefined;
    };

/** What is to be said, and for how many findings there is nothing to say. */
export interface BulkPlan {
  readonly steps: readonly BulkStep[];
  /** They are over: nothing more can be learned from them. */
  readonly over: number;
  /** It has been said of them before. */
  readonly already: number;
}

/** What came of it. */
export interface BulkOutcome {
  readonly done: readonly BulkStep[];
  /** Each reason once, with how many steps it kept from being done. */
  readonly refused: readonly { readonly message: string; readonly count: number }[];
  /** Steps that were not tried any more. */
  readonly untried: number;
  /** Those, and the one whose refusal ended it: they may succeed when asked for again. */
  readonly left: readonly BulkStep[];
}

/** The shortest mute the monitor knows, in milliseconds. */
const shortestMuteMs = 60_000;

/** After these the next finding may still succeed; any other reason holds for all that follow. */
const passingRefusals = ['finding-closed', 'unknown-finding'];

/** What it takes to call all of these normal. */
export function planAcknowledge(
  findings: readonly Finding[],
  triage: Triage | undefined,
): BulkPlan {
  const open = findings.filter(({ status }) => status === 'open');
  const unsaid = open.filter((finding) => wordOn(triage, finding).said === 'nothing');
  return {
    steps: unsaid.map(({ id }) => ({ kind: 'acknowledge', finding: id })),
    over: findings.length - open.length,
    already: open.length - unsaid.length,
  };
}

/**
 * What it takes not to be told of findings like these for so long, in milliseconds. Findings of one
 * kind about one workload need one mute; one that lasts longer already stays as it is.
 */
export function planMute(
  findings: readonly Finding[],
  triage: Triage | undefined,
  forMs: number,
  now: number,
): BulkPlan {
  const steps = new Map<string, BulkStep>();
  let already = 0;
  for (const finding of findings) {
    const { workload, kind } = finding;
    const before = muteOf(triage, finding, now)?.until;
    if (before !== undefined && before >= now + forMs) already += 1;
    else {
      steps.set(JSON.stringify([workload, kind]), {
        kind: 'mute',
        of: { workload, kind },
        forMs,
        before,
      });
    }
  }
  return { steps: [...steps.values()], over: 0, already };
}

type Answer =
  | { readonly ok: true; readonly value: Value<'mute'> }
  | { readonly ok: false; readonly error: Refusal };

type Caller = Pick<Store, 'call' | 'send'>;

function say({ call }: Caller, step: BulkStep): Promise<Answer> {
  if (step.kind === 'acknowledge') return call('acknowledge', { finding: step.finding });
  return call('mute', { ...step.of, forMs: step.forMs });
}

function takeBack({ call }: Caller, step: BulkStep, now: number): Promise<Answer> {
  if (step.kind === 'acknowledge') return call('unacknowledge', { finding: step.finding });
  const left = (step.before ?? now) - now;
  // What is left of an earlier mute holds again.
  return left < shortestMuteMs
    ? call('unmute', step.of)
    : call('mute', { ...step.of, forMs: left });
}

/**
 * Says it, one after the other, until `isStopped`; `onProgress` hears how many steps are through. What
 * holds for all that follow ends it early.
 */
export function carryOutBulk(
  caller: Caller,
  steps: readonly BulkStep[],
  onProgress: (through: number) => void,
  isStopped: () => boolean,
): Promise<BulkOutcome> {
  return inTurn(caller, steps, (step) => say(caller, step), onProgress, isStopped);
}

/**
 * Takes back what was done, the latest first, until `isStopped`. `now` is in milliseconds since 1970.
 * What is left is in the order in which it was done.
 */
export async function undoBulk(
  caller: Caller,
  done: readonly BulkStep[],
  now: number,
  onProgress: (through: number) => void,
  isStopped: () => boolean,
): Promise<BulkOutcome> {
  const undo = (step: BulkStep) => takeBack(caller, step, now);
  const outcome = await inTurn(caller, done.toReversed(), undo, onProgress, isStopped);
  return { ...outcome, left: outcome.left.toReversed() };
}

async function inTurn(
  { send }: Caller,
  steps: readonly BulkStep[],
  ask: (step: BulkStep) => Promise<Answer>,
  onProgress: (through: number) => void,
  isStopped: () => boolean,
): Promise<BulkOutcome> {
  const done: BulkStep[] = [];
  const refused = new Map<string, number>();
  let through = 0;
  let settled = 0;
  let latest: Triage | undefined;
  for (const step of steps) {
    if (isStopped()) break;
    const answer = await ask(step);
    through += 1;
    if (answer.ok) {
      latest = answer.value;
      done.push(step);
    } else {
      const { message, kind } = answer.error;
      refused.set(message, (refused.get(message) ?? 0) + 1);
      if (!passingRefusals.includes(kind)) break;
    }
    settled = through;
    onProgress(through);
  }
  if (latest !== undefined) send({ kind: 'triage', triage: latest });
  return {
    done,
    refused: [...refused].map(([message, count]) => ({ message, count })),
    untried: steps.length - through,
    left: steps.slice(settled),
  };
}
