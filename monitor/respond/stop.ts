import type { ActionOutcome } from '../model/action.ts';
import { goneInWords } from './hold-outcome.ts';
import { killWhole } from './kill-whole.ts';
import { proofOf, stateInWords } from './proof.ts';
import type { ResponseContext } from './response-context.ts';
import { errorInWords, isBetweenRestarts } from './response-engine.ts';
import type { Subject } from './subject.ts';
import { remarkRestart } from './subject.ts';
import { restartsByItself } from './undo-notes.ts';

/**
 * Asks the container to end, and has the engine kill it after `graceSeconds`. Never done to a frozen
 * container, since the engine would thaw it for the grace: that one is killed. One that is still
 * there afterwards is killed too. A stop does not hold down: the container may be started again.
 */
export async function stop(
  context: ResponseContext,
  subject: Subject,
  graceSeconds: number,
  remarks: string[],
): Promise<ActionOutcome> {
  const { engine, ledger } = context;
  const { container } = subject;
  const say = (...sentences: readonly string[]): string => [...remarks, ...sentences].join(' ');

  const before = await engine.inspect(container);
  if (!before.ok) {
    if (before.error.kind !== 'gone') {
      return { state: 'failed', reason: say(errorInWords(before.error)) };
    }
    ledger.close(container);
    return { state: 'failed', reason: say(goneInWords) };
  }
  remarkRestart(subject, before.value, remarks);
  const { state } = before.value.workload;
  if (state === 'paused') {
    return killWhole(context, subject, [
      ...remarks,
      'It is frozen, and stopping would thaw it for the grace: killed instead.',
    ]);
  }
  if (state !== 'running' && !isBetweenRestarts(before.value)) {
    return { state: 'refused', reason: say(`It is ${stateInWords(before.value)} already.`) };
  }

  const stopped = await engine.stop(container, graceSeconds);
  const after = await engine.inspect(container);
  if (!after.ok && after.error.kind === 'gone') {
    ledger.close(container);
    return { state: 'proved', proof: say('Stopped, and removed by the engine.') };
  }
  if (after.ok && after.value.workload.state !== 'running' && !isBetweenRestarts(after.value)) {
    if (after.value.workload.state !== 'paused') {
      return {
        state: 'proved',
        proof: say(
          'Stopped.',
          proofOf(after.value),
          comesBack(after.value.restartPolicy.name, restartsByItself(after.value)),
        ).trim(),
      };
    }
  }
  const why = stopped.ok ? 'It did not end within its grace' : errorInWords(stopped.error);
  return killWhole(context, subject, [...remarks, `Stopping failed (${why}): killed instead.`]);
}

/** An engine that starts anew brings back what was stopped under `always`. */
function comesBack(policy: string, restarts: boolean): string {
  return restarts && policy === 'always'
    ? 'Its restart policy starts it again when the engine restarts.'
    : '';
}
