import { createInterface } from 'node:readline';
import type { LineProcess, StartLineProcess } from './line-process.ts';
import { failed, ok, type Result } from './result.ts';

/** A program that takes and tells lines, started when it is first needed, and again after it ended. */
export interface LineProgram {
  /** Sees to it that it runs, unless it was closed; the failure is a sentence. */
  start(): Result<void, string>;
  /** Writes a line where it runs; does nothing where it does not. */
  say(line: string): void;
  /** Ends its input, and waits for its end. */
  close(): Promise<void>;
}

/** `onEnded` hears the reason whenever it ends; `isClosed` tells whether `close` was called before. */
export function createLineProgram(
  begin: StartLineProcess,
  onLine: (line: string) => void,
  onEnded: (reason: string, isClosed: boolean) => void,
): LineProgram {
  let child: LineProcess | undefined;
  let isClosed = false;

  return {
    start() {
      if (isClosed) return failed('Sentra is stopping.');
      if (child !== undefined) return ok(undefined);
      const started = begin();
      if (!started.ok) return started;
      const running = started.value;
      child = running;
      createInterface({ input: running.output }).on('line', (line) => {
        if (child === running) onLine(line);
      });
      void running.ended.then((reason) => {
        if (child !== running) return;
        child = undefined;
        onEnded(reason, isClosed);
      });
      return ok(undefined);
    },
    say(line) {
      child?.input.write(`${line}\n`);
    },
    async close() {
      isClosed = true;
      const ending = child;
      if (ending === undefined) return;
      ending.input.end();
      await ending.ended;
    },
  };
}
