import type { EngineError } from '../engine/port.ts';
import type { Result } from '../runtime/result.ts';
import { failed } from '../runtime/result.ts';
import type { ResponseContext } from './response-context.ts';

/**
 * Whoever acts does not wait long for the engine to tell about a container: a busy engine answers
 * late, a stalled one not at all, and one that froze a container amid an exec not about that one.
 * The engine's answer, or after the context's patience a time-out in its place. What was asked stays
 * asked: the engine may carry it out yet.
 */
export async function answerSoon<Value>(
  context: ResponseContext,
  what: string,
  answer: Promise<Result<Value, EngineError>>,
): Promise<Result<Value, EngineError>> {
  const { patienceMs } = context.tries;
  if (!Number.isFinite(patienceMs)) return answer;
  const waiting = new AbortController();
  const late = context.clock.sleep(patienceMs, waiting.signal).then(
    () => failed(tooLate(what, patienceMs)),
    // Only ever rejects because the answer came first; nobody waits for this any more then.
    () => answer,
  );
  const first = await Promise.race([answer, late]);
  waiting.abort(new Error('The engine answered.'));
  return first;
}

/**
 * True when the last three questions were met by silence: a look, a change, and a look again. More of
 * them would keep whoever waits for the outcome and bring nothing; upkeep goes on asking.
 */
export function isSilent(errors: readonly EngineError[]): boolean {
  const last = errors.slice(-3);
  return last.length === 3 && last.every(({ kind }) => kind === 'timeout');
}

function tooLate(what: string, patienceMs: number): EngineError {
  return {
    kind: 'timeout',
    message: `The engine has not answered to "${what}" within ${patienceMs} ms.`,
    advice: 'It is asked again.',
  };
}
