import type { Action, ActionName, ActionOutcome, Requester } from '../model/action.ts';
import type { PlannedAction } from '../model/decision.ts';
import type { NetworkAttachment } from '../model/workload.ts';
import type { Gap, HoldDepth } from './gaps.ts';
import { hold } from './hold.ts';
import { holdOutcome } from './hold-outcome.ts';
import { whyNoQuarantine } from './holes.ts';
import { killWhole } from './kill-whole.ts';
import { limit } from './limit.ts';
import { release } from './release.ts';
import type { ResponseContext } from './response-context.ts';
import { resume } from './resume.ts';
import { stop } from './stop.ts';
import type { Subject } from './subject.ts';
import { momentInWords } from './time-words.ts';

/** What can be asked for: what a rule plans, and what a person undoes. */
export type Request = PlannedAction | { readonly kind: 'resume' } | { readonly kind: 'release' };

/** One action to carry out. */
export interface Order {
  readonly request: Request;
  readonly subject: Subject;
  /** As known when it was asked for; undefined where only the containment is known. */
  readonly network: NetworkAttachment | undefined;
  readonly requester: Requester;
  /** Kill where freezing fails. */
  readonly killIfNotFrozen: boolean;
}

/**
 * Carries out one order, written down before and after, and what it escalates to: a freeze that fails
 * to a kill where that is warranted, a kill that fails to a freeze. The first action is the order's.
 */
export async function carryOutOrder(
  context: ResponseContext,
  order: Order,
): Promise<readonly [Action, ...Action[]]> {
  const { ledger } = context;
  const { request, subject, requester } = order;
  const begin = (name: ActionName): Action => ledger.begin(name, subject, requester);
  const action = begin(request.kind);
  const remarks: string[] = [];
  switch (request.kind) {
    case 'notify': {
      const proof = 'Recorded. Nothing was asked of the engine.';
      return [ledger.finish(action, { state: 'proved', proof })];
    }
    case 'pause':
    case 'quarantine': {
      const depth = depthOf(context, request.kind, order, remarks);
      const { outcome, stillRuns } = await holdTo(context, subject, depth, remarks);
      const first = ledger.finish(action, outcome);
      if (!stillRuns || !order.killIfNotFrozen || depth !== 'frozen') return [first];
      const second = begin('kill');
      const why = 'Freezing it failed: killed instead.';
      return [first, ledger.finish(second, await killWhole(context, subject, [why]))];
    }
    case 'kill': {
      const first = ledger.finish(action, await killWhole(context, subject, remarks));
      const lives = ledger.containmentOf(subject.container) !== undefined;
      if (first.outcome.state !== 'failed' || !lives) return [first];
      const second = begin('pause');
      const why = ['Killing it failed: frozen instead.'];
      const { outcome } = await holdTo(context, subject, 'frozen', why);
      return [first, ledger.finish(second, outcome)];
    }
    case 'stop': {
      const outcome = await stop(context, subject, request.graceSeconds, remarks);
      return [ledger.finish(action, outcome)];
    }
    case 'limit':
      return [ledger.finish(action, await limitUnlessFrozen(context, subject, request, remarks))];
    case 'resume':
      return [ledger.finish(action, await resume(context, subject))];
    case 'release':
      return [ledger.finish(action, await release(context, subject))];
  }
}

/** Known beforehand from the way it reaches the network, not found out by an error. */
function depthOf(
  context: ResponseContext,
  name: 'pause' | 'quarantine',
  { subject, network }: Order,
  remarks: string[],
): HoldDepth {
  if (name === 'pause') return 'frozen';
  // Detached from what it had: one that was created without a network has none then, and is held.
  if (context.ledger.containmentOf(subject.container)?.depth === 'quarantined') {
    return 'quarantined';
  }
  const why = network === undefined ? undefined : whyNoQuarantine(network);
  if (why === undefined) return 'quarantined';
  remarks.push(`Frozen instead of quarantined: ${why}.`);
  return 'frozen';
}

async function holdTo(
  context: ResponseContext,
  subject: Subject,
  depth: HoldDepth,
  remarks: string[],
): Promise<{ readonly outcome: ActionOutcome; readonly stillRuns: boolean }> {
  const earlier = context.ledger.containmentOf(subject.container);
  // What is frozen stays frozen: a quarantine of it only has it read back.
  const target = earlier?.depth === 'frozen' ? 'frozen' : depth;
  const isSoAlready = earlier?.depth === target;
  const end = await hold(context, subject, target, remarks);
  const outcome = holdOutcome(end, remarks);
  if (isSoAlready && end.state === 'held' && !end.changed) {
    const words = 'proof' in outcome ? outcome.proof : '';
    const since = momentInWords(earlier.since);
    const reason = `So already: ${target}, held since ${since}. ${words}`;
    return { outcome: { state: 'refused', reason }, stillRuns: false };
  }
  const runs = (gap: Gap): boolean => gap.kind === 'running' || gap.kind === 'thawed';
  return { outcome, stillRuns: end.state === 'open' && end.gaps.some(runs) };
}

async function limitUnlessFrozen(
  context: ResponseContext,
  subject: Subject,
  request: Extract<PlannedAction, { kind: 'limit' }>,
  remarks: string[],
): Promise<ActionOutcome> {
  if (context.ledger.containmentOf(subject.container)?.depth !== 'frozen') {
    return limit(context, subject, request, remarks);
  }
  const { outcome } = await holdTo(context, subject, 'frozen', remarks);
  return outcome;
}
