import type { ActionOutcome } from '../model/action.ts';
import type { Containment, UndoNotes } from '../model/containment.ts';
import type { ContainerDetail } from '../engine/port.ts';
import { goneInWords } from './hold-outcome.ts';
import { holesOf } from './holes.ts';
import { createSilence, letRun, thawedUnheard } from './let-run.ts';
import { proofOf, stateInWords } from './proof.ts';
import type { ResponseContext } from './response-context.ts';
import { waitsOf } from './response-context.ts';
import { errorInWords, isUp } from './response-engine.ts';
import type { Subject } from './subject.ts';
import { undoLeft } from './undo-left.ts';

/**
 * Lets a paused container run again, whoever paused it, and nothing else: networks stay detached and
 * limits in force until it is released. A freeze becomes a quarantine, or what is left of it; where
 * nothing is left, the containment ends.
 */
export async function resume(context: ResponseContext, subject: Subject): Promise<ActionOutcome> {
  const { ledger, tries } = context;
  const { container } = subject;
  const say = (...sentences: readonly string[]): string => [...remarks, ...sentences].join(' ');
  const waits = waitsOf(context);
  const errors = new Set<string>();
  const remarks: string[] = [];
  const silence = createSilence(context, subject.container);
  let thawed = false;

  for (let round = 0; ; round += 1) {
    if (round > 1) await context.clock.sleep(waits.next());
    const seen = await silence.inspect();
    if (!seen.ok) {
      if (seen.error.kind === 'gone') {
        ledger.close(container);
        return { state: 'failed', reason: say(goneInWords) };
      }
      errors.add(errorInWords(seen.error));
      if (await silence.thawWhenDue(seen.error, remarks)) {
        thawed = true;
        round = 0;
      }
      if (round < tries.count) continue;
      return thawed
        ? thawedUnheard(context, subject, say(...errors))
        : { state: 'failed', reason: say('Not confirmed.', ...errors) };
    }
    const detail = seen.value;
    if (detail.workload.state !== 'paused') {
      if (!isUp(detail)) {
        return {
          state: 'refused',
          reason: say(`It is ${stateInWords(detail)}: there is nothing to resume.`),
        };
      }
      const held = ledger.containmentOf(container);
      if (!thawed && held?.depth !== 'frozen') {
        return { state: 'refused', reason: say('It runs already.') };
      }
      return { state: 'proved', proof: say(...(await afterThaw(context, subject, detail))) };
    }
    if (round === tries.count) return { state: 'failed', reason: say('Still paused.', ...errors) };
    const unpaused = await letRun(context, detail, remarks);
    if (unpaused.ok) thawed = true;
    else errors.add(errorInWords(unpaused.error));
  }
}

/**
 * Brings the ledger to what is left after a thaw, and puts the restart policy back, which only a
 * freeze takes. Returns what there is to say.
 */
export async function afterThaw(
  context: ResponseContext,
  subject: Subject,
  detail: ContainerDetail,
): Promise<readonly string[]> {
  const { engine, ledger } = context;
  const held = ledger.containmentOf(subject.container);
  if (held === undefined) return [`It runs again. ${proofOf(detail)}`];
  let undo: UndoNotes = { ...held.undo, pausedBySentra: false };
  const said: string[] = [];
  if (held.undo.restartPolicy !== undefined) {
    const changed = await engine.update(subject.container, {
      restartPolicy: held.undo.restartPolicy,
    });
    if (changed.ok) undo = { ...undo, restartPolicy: undefined };
    else said.push(`Its restart policy was not put back: ${errorInWords(changed.error)}`);
  }
  const after = await engine.inspect(subject.container);
  const last = after.ok ? after.value : detail;
  const left = undoLeft(undo, last, engine.about);
  said.unshift(`It runs again. ${proofOf(last)}`);
  if (left.length === 0) {
    ledger.close(subject.container);
    return said;
  }
  const depth: Containment['depth'] = undo.networks.length > 0 ? 'quarantined' : 'limited';
  ledger.keep({
    ...held,
    depth,
    undo,
    holes: holesOf({
      depth,
      network: last.workload.network,
      up: true,
      sharers: context.sharersOf(subject.container),
      outside: context.outsiders.known(subject.container),
    }),
  });
  said.push(
    depth === 'quarantined'
      ? 'Its networks stay detached; release puts them back.'
      : 'What else was taken stays so; release puts it back.',
  );
  return said;
}
