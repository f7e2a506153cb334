import type { ActionOutcome } from '../model/action.ts';
import type { ContainerId } from '../model/workload.ts';
import type { ContainerDetail, EngineError } from '../engine/port.ts';
import type { Result } from '../runtime/result.ts';
import { isWithinReach } from './kernel-word-of.ts';
import { answerSoon } from './patience.ts';
import type { ResponseContext } from './response-context.ts';
import type { Subject } from './subject.ts';

/**
 * Has the engine let a paused container run. An engine that calls paused what was thawed behind its
 * back refuses; frozen through the kernel first, it is let run by the engine, whose books are right
 * then. Adds to `remarks`, once, what was done so.
 */
export async function letRun(
  context: ResponseContext,
  detail: ContainerDetail,
  remarks: string[],
): Promise<Result<void, EngineError>> {
  const { kernel, engine } = context;
  const { container } = detail.workload;
  const answer = engine.unpause(container);
  const isNear = await isWithinReach(context, container);
  const asked = await (isNear ? answerSoon(context, 'unpause', answer) : answer);
  if (asked.ok || asked.error.kind === 'timeout') return asked;
  if ((await kernel.look(container, detail.workload)).state !== 'running') return asked;
  const frozen = await kernel.freeze(container, detail.workload);
  if (!frozen.ok) return asked;
  const again = await answerSoon(context, 'unpause', engine.unpause(container));
  if (again.ok) {
    const remark =
      "The engine still called it paused: frozen through the kernel's freezer file for a moment, and let run by the engine.";
    if (!remarks.includes(remark)) remarks.push(remark);
  } else {
    // It was running, and was to run.
    await kernel.thaw(container, detail.workload);
  }
  return again;
}

/** How often the engine may be silent about a container before the kernel is asked to thaw it. */
const mostSilences = 2;

/** Counts how often in one action the engine was silent about the container. */
export interface Silence {
  /**
   * What the engine tells of the container. Its silence is short where the kernel can do, or has done,
   * what it does not; elsewhere it is waited for as long as the adapter allows.
   */
  inspect(): Promise<Result<ContainerDetail, EngineError>>;
  /**
   * Thaws through the kernel, once, when the engine has been silent often enough: an engine (20.10)
   * that froze a container amid the start of an exec answers to nothing about it, and is freed by
   * that. True when it has just been thawed so; `remarks` says what was done, or why not.
   */
  thawWhenDue(error: EngineError, remarks: string[]): Promise<boolean>;
}

/** Nothing was asked yet. */
export function createSilence(context: ResponseContext, container: ContainerId): Silence {
  let silences = 0;
  let thaw: Result<void, string> | undefined;
  return {
    async inspect() {
      const answer = context.engine.inspect(container);
      if (thaw?.ok === false) return answer;
      const soon = await answerSoon(context, 'inspect', answer);
      if (soon.ok || soon.error.kind !== 'timeout' || thaw !== undefined) return soon;
      return (await isWithinReach(context, container)) ? soon : answer;
    },
    async thawWhenDue(error, remarks) {
      if (error.kind !== 'timeout') return false;
      silences += 1;
      if (silences !== mostSilences || !context.kernel.isHere) return false;
      thaw = await context.kernel.thaw(container);
      remarks.push(
        thaw.ok
          ? "The engine did not answer about it: thawed through the kernel's freezer file."
          : `The engine did not answer about it, and it was not thawed through the kernel: ${thaw.error}`,
      );
      return thaw.ok;
    },
  };
}

/**
 * The end where it was thawed through the kernel and the engine stays silent: it is held no longer
 * as frozen, so that upkeep does not freeze it again, and what else was taken stays noted. `said` is
 * what there is to tell of it.
 */
export async function thawedUnheard(
  context: ResponseContext,
  subject: Subject,
  said: string,
): Promise<ActionOutcome> {
  const word = await context.kernel.look(subject.container);
  if (word.state !== 'running') return { state: 'failed', reason: `Not confirmed. ${said}` };
  const held = context.ledger.containmentOf(subject.container);
  if (held?.depth === 'frozen') {
    const depth = held.undo.networks.length > 0 ? 'quarantined' : 'limited';
    context.ledger.keep({ ...held, depth, holes: [unheardHole] });
  }
  return { state: 'partly', proof: `It runs by the kernel's word. ${said}`, holes: [unheardHole] };
}

const unheardHole =
  'The engine has not told its state yet and may go on calling it paused. What else was taken is put back by a release when the engine answers.';
