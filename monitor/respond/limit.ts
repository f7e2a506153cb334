import type { ContainerChange, ContainerDetail } from '../engine/port.ts';
import type { ActionOutcome } from '../model/action.ts';
import type { KeptLimits } from '../model/containment.ts';
import { goneInWords } from './hold-outcome.ts';
import { apart, givenUp, keptAfter, limitsInWords, tighter } from './limit-change.ts';
import { stateInWords } from './proof.ts';
import type { ResponseContext } from './response-context.ts';
import { waitsOf, writeDown } from './response-context.ts';
import { errorInWords, isUncertain, isUp } from './response-engine.ts';
import type { Subject } from './subject.ts';
import { remarkRestart } from './subject.ts';
import { withLimits } from './undo-notes.ts';

/**
 * Sets the limits asked for where they are tighter than those in force, having noted the old ones,
 * and notes what upkeep keeps the container to. Only ever tightens: a limit that is lower already
 * stays. Where the engine refuses all at once, memory is asked for by itself: below what a container
 * uses the kernel may refuse it, and with it the engine all of the change.
 */
export async function limit(
  context: ResponseContext,
  subject: Subject,
  wanted: KeptLimits,
  remarks: string[],
): Promise<ActionOutcome> {
  const { engine, ledger, tries } = context;
  const { container } = subject;
  const say = (sentence: string): string => [...remarks, sentence].join(' ');
  const before = ledger.containmentOf(container);
  const waits = waitsOf(context);
  const errors: string[] = [];
  let first: ContainerChange | undefined;
  let uncertain = false;
  let refused: ContainerChange = {};

  const keepTo = (detail: ContainerDetail, missing: ContainerChange | undefined): void => {
    const limitedTo = keptAfter(wanted, before?.undo.limitedTo, missing, detail);
    writeDown(context, subject, 'limited', detail, (earlier) => ({ ...earlier, limitedTo }));
  };

  for (let round = 0; ; round += 1) {
    const seen = await engine.inspect(container);
    if (seen.ok) {
      const detail = seen.value;
      remarkRestart(subject, detail, remarks);
      const change = tighter(wanted, detail, engine.about.hostCpus);
      if (change === undefined) {
        if (first === undefined) {
          return { state: 'refused', reason: say(`So already: ${limitsInWords(detail)}.`) };
        }
        keepTo(detail, undefined);
        // A kernel that takes a limit below what is used makes room for it by ending processes.
        const ended = isUp(detail) ? '' : ` It is ${stateInWords(detail)}.`;
        return { state: 'proved', proof: say(`Read back: ${limitsInWords(detail)}.${ended}`) };
      }
      if (round === tries.count) {
        const isPart = first !== undefined && countOf(change) < countOf(first);
        // Refused for certain, and nothing was held before: there is nothing to put back.
        if (!isPart && before === undefined && !uncertain) ledger.close(container);
        else
          keepTo(detail, uncertain ? undefined : givenUp(change, refused, before?.undo.limitedTo));
        if (isPart) {
          const proof = say(`Read back: ${limitsInWords(detail)}.`);
          return { state: 'partly', proof, holes: [missingInWords(change, errors)] };
        }
        const state = stateInWords(detail);
        return { state: 'failed', reason: say(`Not limited (${state}): ${inWords(errors)}`) };
      }
      if (round > 0) await context.clock.sleep(waits.next());
      writeDown(context, subject, 'limited', detail, (earlier) => withLimits(earlier, detail));
      first ??= change;
      refused = {};
      for (const part of round === 0 ? [change] : apart(change)) {
        const changed = await engine.update(container, part);
        if (changed.ok) continue;
        refused = { ...refused, ...part };
        errors.push(errorInWords(changed.error));
        uncertain ||= isUncertain(changed.error);
      }
      continue;
    }
    if (seen.error.kind === 'gone') {
      ledger.close(container);
      return { state: 'failed', reason: say(goneInWords) };
    }
    errors.push(errorInWords(seen.error));
    if (round === tries.count) {
      return { state: 'failed', reason: say(`Not confirmed: ${inWords(errors)}`) };
    }
    await context.clock.sleep(waits.next());
  }
}

/** How many limits a change sets. */
function countOf(change: ContainerChange): number {
  return Object.keys(change).filter((member) => member !== 'memorySwapBytes').length;
}

function missingInWords(missing: ContainerChange, errors: readonly string[]): string {
  const used = /current usage: (\d+)/.exec(errors.join(' '))?.[1];
  if (missing.memoryBytes !== undefined && countOf(missing) === 1 && used !== undefined) {
    return `Its memory is not limited: it uses ${used} bytes, which the kernel cannot take back, and ${missing.memoryBytes} were asked for. Pause or kill it, or limit it to more than it uses.`;
  }
  return `Not all of it is limited: ${inWords(errors)}`;
}

function inWords(errors: readonly string[]): string {
  return errors.length === 0
    ? 'the engine took it, and it is not in force'
    : [...new Set(errors)].join('; ');
}
