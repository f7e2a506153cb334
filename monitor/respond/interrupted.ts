import type { Action, ActionOutcome } from '../model/action.ts';
import type { Containment } from '../model/containment.ts';
import type { ContainerId } from '../model/workload.ts';
import type { ContainerDetail } from '../engine/port.ts';
import { assertNever } from '../runtime/assert-never.ts';
import type { HoldDepth } from './gaps.ts';
import { hold } from './hold.ts';
import { goneInWords, holdOutcome } from './hold-outcome.ts';
import { whyNoQuarantine } from './holes.ts';
import { proofOf } from './proof.ts';
import { addressesChanged } from './release.ts';
import type { ResponseContext } from './response-context.ts';
import { afterThaw } from './resume.ts';
import { isUp } from './response-engine.ts';
import type { Subject } from './subject.ts';
import { undoLeft } from './undo-left.ts';

const interrupted = 'The monitor was interrupted in the middle of it.';

/**
 * Ends the actions on a container that an earlier run began and did not finish. What takes freedom
 * is completed, even where nothing had been
 * done yet, since what led to it may have gone with the monitor; what gives it is completed only where the engine shows that it was as good as done,
 * and otherwise fails, so that the container stays held. Nothing happens while the engine does not
 * tell.
 */
export async function finishInterrupted(
  context: ResponseContext,
  container: ContainerId,
): Promise<readonly Action[]> {
  const { engine, ledger } = context;
  const finished: Action[] = [];
  for (const action of ledger.unfinished(container)) {
    const seen = await engine.inspect(container);
    if (!seen.ok && seen.error.kind !== 'gone') return finished;
    const outcome = seen.ok ? await complete(context, action, seen.value) : afterGone(action);
    // Upkeep closes the containment of a container that is gone, and says so.
    if (outcome !== undefined) finished.push(ledger.finish(action, outcome));
  }
  return finished;
}

function afterGone(action: Action): ActionOutcome {
  return action.name === 'kill' || action.name === 'stop'
    ? { state: 'proved', proof: `${interrupted} The container is no longer there.` }
    : { state: 'failed', reason: `${interrupted} ${goneInWords}` };
}

/** The outcome; undefined when the engine stopped telling on the way. */
async function complete(
  context: ResponseContext,
  action: Action,
  detail: ContainerDetail,
): Promise<ActionOutcome | undefined> {
  const { ledger } = context;
  const held = ledger.containmentOf(action.container);
  const subject: Subject = {
    container: action.container,
    workload: action.workload,
    name: held?.name ?? detail.workload.name,
    startedAt: undefined,
  };
  switch (action.name) {
    case 'notify':
      return { state: 'proved', proof: 'Recorded. Nothing was asked of the engine.' };
    case 'pause':
    case 'quarantine': {
      if (held === undefined && isAnotherRun(action, detail)) return nothingDone();
      const shallow = action.name === 'quarantine' && held?.depth !== 'frozen';
      const depth = shallow ? quarantineDepth(detail) : 'frozen';
      return completeHold(context, subject, depth);
    }
    case 'kill':
      return completeKill(context, subject, action, held, detail);
    case 'stop':
      return isUp(detail)
        ? { state: 'failed', reason: `${interrupted} ${proofOf(detail)}` }
        : { state: 'proved', proof: `${interrupted} Stopped. ${proofOf(detail)}` };
    case 'limit':
      return completeLimit(context, held, detail);
    case 'resume': {
      if (detail.workload.state !== 'running') return stillHeld(detail);
      const said = await afterThaw(context, subject, detail);
      return { state: 'proved', proof: `${interrupted} ${said.join(' ')}` };
    }
    case 'release': {
      if (held !== undefined && undoLeft(held.undo, detail, context.engine.about).length > 0) {
        return stillHeld(detail);
      }
      ledger.close(action.container);
      const proof = `${interrupted} Released. ${proofOf(detail)}`;
      const holes = held === undefined ? [] : addressesChanged(held, detail);
      return holes.length === 0 ? { state: 'proved', proof } : { state: 'partly', proof, holes };
    }
  }
  return assertNever(action.name);
}

async function completeHold(
  context: ResponseContext,
  subject: Subject,
  depth: HoldDepth,
): Promise<ActionOutcome | undefined> {
  const remarks = [interrupted];
  const end = await hold(context, subject, depth, remarks);
  return end.state === 'unknown' ? undefined : holdOutcome(end, remarks);
}

/** Who of them was stopped for the kill (kill-whole.ts) is known no more. */
const notLookedFor =
  'Where it shares process ids with the machine or another container, processes of it that left its cgroup may be left, stopped by SIGSTOP: they were not looked for.';

/** Known from the way it reaches the network, as when it was asked for. */
function quarantineDepth(detail: ContainerDetail): HoldDepth {
  return whyNoQuarantine(detail.workload.network) === undefined ? 'quarantined' : 'frozen';
}

/** How far the engine's clock may be ahead of ours, milliseconds. */
const clockSlackMs = 60_000;

/**
 * True when the container was started again since the action was begun: what led to it ended with
 * the run that it was in.
 */
function isAnotherRun(action: Action, detail: ContainerDetail): boolean {
  const { startedAt } = detail.workload;
  return startedAt !== undefined && startedAt > action.startedAt + clockSlackMs;
}

async function completeKill(
  context: ResponseContext,
  subject: Subject,
  action: Action,
  held: Containment | undefined,
  detail: ContainerDetail,
): Promise<ActionOutcome | undefined> {
  if (!isUp(detail)) {
    return { state: 'proved', proof: `${interrupted} ${proofOf(detail)} ${notLookedFor}` };
  }
  if (held === undefined && isAnotherRun(action, detail)) return nothingDone();
  // Time has passed since it was asked for: a freeze holds as well, and can be undone.
  const end = await hold(context, subject, 'frozen', []);
  if (end.state === 'unknown') return undefined;
  const outcome = holdOutcome(end, []);
  const words = 'proof' in outcome ? outcome.proof : 'reason' in outcome ? outcome.reason : '';
  return {
    state: 'failed',
    reason: `${interrupted} It had not been killed; frozen instead, kill it again if that is wanted. ${words} ${notLookedFor}`,
  };
}

/** Which limits were asked for is not known any more, only whether any differ from the notes. */
function completeLimit(
  context: ResponseContext,
  held: Containment | undefined,
  detail: ContainerDetail,
): ActionOutcome {
  if (held === undefined) return nothingDone();
  const left = undoLeft(held.undo, detail, context.engine.about);
  if (left.some((step) => step.kind === 'limits')) {
    return { state: 'proved', proof: `${interrupted} Its limits are tighter than they were.` };
  }
  if (held.depth === 'limited') context.ledger.close(held.container);
  return nothingDone();
}

function nothingDone(): ActionOutcome {
  return { state: 'failed', reason: `${interrupted} Nothing had been done yet.` };
}

function stillHeld(detail: ContainerDetail): ActionOutcome {
  return {
    state: 'failed',
    reason: `${interrupted} It stays held; ask again to let it go. ${proofOf(detail)}`,
  };
}
