import type { EngineError } from '../engine/port.ts';
import type { Result } from '../runtime/result.ts';
import { failed } from '../runtime/result.ts';
import type { ResponseContext } from './response-context.ts';

/**
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

function tooLate(what: string, patienceMs: number): EngineError {
  return {
    kind: 'timeout',
    message: `The engine has not answered to "${what}" within ${patienceMs} ms.`,
    advice: 'It is asked again.',
  };
}
