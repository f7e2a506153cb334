import type { EngineError, EngineReader } from '../../engine/port.ts';
import { ok, type Result } from '../../runtime/result.ts';

/** What became of the question whether the engine is there, asked because something is late. */
export interface LateAnswer {
  /** Whether it has answered by now. */
  answered(): boolean;
  readonly answer: Promise<Result<void, EngineError>>;
}

/** Where nothing has been late yet. */
export const askedNothing: LateAnswer = {
  answered: () => true,
  answer: Promise.resolve(ok(undefined)),
};

/** Pings the engine. */
export function askWhetherThere(reader: Pick<EngineReader, 'ping'>): LateAnswer {
  let answered = false;
  const answer = reader.ping();
  void answer.then((result) => {
    answered = result.ok;
  });
  return { answered: () => answered, answer };
}
