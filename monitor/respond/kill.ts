import type { ActionOutcome } from '../model/action.ts';
import type { ContainerDetail, EngineError } from '../engine/port.ts';
import { goneInWords } from './hold-outcome.ts';
import { isWithinReach } from './kernel-word-of.ts';
import { proofOf, stateInWords } from './proof.ts';
import type { ResponseContext } from './response-context.ts';
import { answerSoon, isSilent } from './patience.ts';
import { waitsOf, writeDown } from './response-context.ts';
import { errorInWords, isBetweenRestarts, isUp } from './response-engine.ts';
import type { Subject } from './subject.ts';
import { remarkRestart } from './subject.ts';
import { restartsByItself, withRestartPolicy } from './undo-notes.ts';

/**
 * Kills with SIGKILL and holds down: the restart policy goes to `no` first, then the signal, then
 * the engine is read back. Works on a frozen container too, which SIGKILL ends without thawing it
 * into its own hands. The container stays written down as held: started again, it is frozen.
 */
export async function kill(
  context: ResponseContext,
  subject: Subject,
  remarks: string[],
  reach: KillReach,
): Promise<ActionOutcome> {
  const { engine, ledger, tries } = context;
  const { container } = subject;
  const say = (sentence: string): string => [...remarks, sentence].join(' ');
  const waits = waitsOf(context);
  const errors: EngineError[] = [];
  let did: Did = 'nothing';
  let unheard: Awaited<ReturnType<ResponseContext['kernel']['killAll']>> | undefined;

  for (let round = 0; ; round += 1) {
    if (round > 1) await context.clock.sleep(waits.next());
    const seen = await answerSoon(context, 'inspect', engine.inspect(container));
    if (!seen.ok && seen.error.kind === 'gone') {
      ledger.close(container);
      return did === 'killed'
        ? { state: 'proved', proof: say('Killed, and removed by the engine.') }
        : { state: 'failed', reason: say(goneInWords) };
    }
    if (seen.ok) {
      remarkRestart(subject, seen.value, remarks);
      const end = judgeEnd(seen.value, did, errors, round === tries.count, reach, say);
      if (did !== 'nothing' || ledger.containmentOf(container) !== undefined || end === undefined) {
        note(context, subject, seen.value);
      }
      if (end !== undefined) return end;
    } else {
      errors.push(seen.error);
      if (isSilent(errors) && unheard === undefined) {
        unheard = await context.kernel.killAll(container);
        if (unheard.ok) {
          remarks.push(killedUnheardInWords);
          did = 'killed';
          round = 0;
          errors.length = 0;
          continue;
        }
        if (context.kernel.isHere)
          remarks.push(`Not killed through the kernel either: ${unheard.error}`);
      }
      if (round === tries.count || isSilent(errors)) {
        if (did === 'killed' && unheard?.ok === true) {
          return {
            state: 'partly',
            proof: say('None of its processes is left.'),
            holes: [unheardHole],
          };
        }
        return { state: 'failed', reason: say(`Not confirmed: ${inWords(errors)}`) };
      }
      // Killing does not wait for the engine to tell; what holds it down comes with the next look.
      writeDown(context, subject, 'frozen', undefined, (earlier) => earlier);
    }

    if (seen.ok && restartsByItself(seen.value)) {
      const held = await engine.update(container, {
        restartPolicy: { name: 'no', maximumRetryCount: 0 },
      });
      if (!held.ok) errors.push(held.error);
      else if (did === 'nothing') did = 'held-down';
    }
    if (!seen.ok ? unheard?.ok !== true : !isDown(seen.value)) {
      const asked = engine.kill(container);
      const hurry = !seen.ok && (await isWithinReach(context, container));
      const killed = await (hurry ? answerSoon(context, 'kill', asked) : asked);
      if (killed.ok) did = 'killed';
      else errors.push(killed.error);
    }
  }
}

const killedUnheardInWords =
  "The engine did not answer about it: all its processes were frozen and killed through the kernel's files.";

const unheardHole =
  'The engine has not told its state yet; started again, by its restart policy too, it is frozen.';

/** Whom a kill reaches: those in the container's cgroup alone, or also what left it. */
export type KillReach = 'cgroup' | 'whole';

const unreachedHole =
  "It shares the machine's process ids: a process of it that left its cgroup lives on, and none can be looked for from here.";

/** What the engine has accepted so far. */
type Did = 'nothing' | 'held-down' | 'killed';

function isDown(detail: ContainerDetail): boolean {
  return !isUp(detail) && !isBetweenRestarts(detail);
}

function note(context: ResponseContext, subject: Subject, detail: ContainerDetail): void {
  writeDown(context, subject, 'frozen', detail, (earlier) => withRestartPolicy(earlier, detail));
}

/** What this look at the engine says; undefined while there is more to do. */
function judgeEnd(
  detail: ContainerDetail,
  did: Did,
  errors: readonly EngineError[],
  last: boolean,
  reach: KillReach,
  say: (sentence: string) => string,
): ActionOutcome | undefined {
  if (isDown(detail) && !restartsByItself(detail)) {
    switch (did) {
      case 'nothing':
        return { state: 'refused', reason: say(`It is ${stateInWords(detail)} already.`) };
      case 'held-down':
        return { state: 'proved', proof: say(`It did not run; held down. ${proofOf(detail)}`) };
      case 'killed': {
        const proof = say(`Killed. ${proofOf(detail)}`);
        return reach === 'cgroup' && detail.hasHostProcessIds === true
          ? { state: 'partly', proof, holes: [unreachedHole] }
          : { state: 'proved', proof };
      }
    }
  }
  if (!last) return undefined;
  if (!isDown(detail)) {
    return {
      state: 'failed',
      reason: say(`It still is ${stateInWords(detail)}: ${inWords(errors)}`),
    };
  }
  return {
    state: 'partly',
    proof: say(
      `${did === 'killed' ? 'Killed.' : 'It does not run.'} ${proofOf(detail)} The engine said: ${inWords(errors)}`,
    ),
    holes: ['The engine may start it again by itself.'],
  };
}

function inWords(errors: readonly EngineError[]): string {
  return [...new Set(errors.map(errorInWords))].join('; ');
}
