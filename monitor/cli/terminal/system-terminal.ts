import { createInterface } from 'node:readline/promises';
import type { Writable } from 'node:stream';
import { openLogOutput } from '../../runtime/log-output.ts';
import type { Terminal } from './terminal.ts';

/** What the terminal is made of. */
export interface Streams {
  readonly input: NodeJS.ReadStream;
  /** Standard output as Node has it: its size, and whether it is a terminal. */
  readonly shown: NodeJS.WriteStream;
  /** What is written goes there: see `openStandardOutputs`. */
  readonly output: Writable;
  readonly errors: Writable;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Below this nothing can be laid out; the terminal wraps by itself. */
const leastColumns = 40;

/** Bytes that may wait for a slow reader: a pipe that nobody reads keeps what is written in memory. */
const mostWaiting = 8 * 1024 * 1024;

/** For a terminal that tells no size: a pseudo-terminal that nobody has sized says 0 by 0. */
const usualSize = { columns: 80, rows: 24 };

/** The terminal of this process. `TERM=dumb` has no live table; NO_COLOR, when not empty, no colours. */
export function createSystemTerminal(streams: Streams): Terminal {
  const { input, shown, output, environment } = streams;
  const complain = openLogOutput(streams.errors);
  const isLive = shown.isTTY && environment['TERM'] !== 'dumb';
  const noColour = environment['NO_COLOR'] ?? '';
  return {
    write: (text) => void output.write(text),
    isBehind: () => output.writableLength > mostWaiting,
    hasTakenAll: () => output.writableLength === 0,
    complain: (line) => complain(`${line}\n`),
    isLive,
    isColoured: isLive && noColour === '',
    size: () => ({
      columns: Math.max(leastColumns, shown.columns || usualSize.columns),
      rows: shown.rows || usualSize.rows,
    }),
    whenLost(restore) {
      // The monitor event comes before the error is printed, so it is not lost with the screen.
      process.once('uncaughtExceptionMonitor', restore);
      return () => void process.off('uncaughtExceptionMonitor', restore);
    },
    async ask(question) {
      if (!input.isTTY || !shown.isTTY) return undefined;
      const asking = createInterface({ input, output: shown });
      // Ctrl-C and Ctrl-D are a no.
      const declined = new Promise<string>((resolve) => {
        asking.once('SIGINT', () => resolve(''));
        asking.once('close', () => resolve(''));
      });
      try {
        return await Promise.race([asking.question(question), declined]);
      } finally {
        asking.close();
      }
    },
  };
}
