import { constants, fstatSync, openSync, writeSync } from 'node:fs';
import { Writable } from 'node:stream';

/** From try to try while a terminal takes nothing, in milliseconds: doubled from the first to the last. */
const firstRetryMs = 5;
const lastRetryMs = 100;

/** Standard output or standard error, as Node has them. */
type StandardStream = NodeJS.WriteStream & { readonly fd: number };

/** Standard output and standard error of a process. */
export interface StandardOutputs {
  readonly output: Writable;
  readonly errors: Writable;
}

/**
 * The two as streams that hold nothing up. Node waits until a terminal has taken what is written, and
 * one that takes nothing (Ctrl-S, a connection that hangs) stops the whole process; here it waits in
 * the stream, as for a pipe. While the terminal takes all, a write is over when it returns. Two of one
 * terminal are one stream, so that what they tell stays in order.
 */
export function openStandardOutputs(
  output: StandardStream,
  errors: StandardStream,
): StandardOutputs {
  const first = openTerminal(output);
  return { output: first, errors: isOneTerminal(output, errors) ? first : openTerminal(errors) };
}

function isOneTerminal(one: StandardStream, other: StandardStream): boolean {
  if (!one.isTTY || !other.isTTY) return false;
  const [first, second] = [fstatSync(one.fd), fstatSync(other.fd)];
  return first.dev === second.dev && first.ino === second.ino;
}

/** What is no terminal, or cannot be opened once more, is returned as it is. */
function openTerminal(stream: StandardStream): Writable {
  if (!stream.isTTY || process.platform !== 'linux') return stream;
  let terminal: number;
  try {
    // Once more, since whoever shares the descriptor, such as a shell, counts on writes that wait.
    const flags = constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY;
    terminal = openSync(`/proc/self/fd/${stream.fd}`, flags);
  } catch {
    return stream;
  }
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      writeRest(terminal, chunk, firstRetryMs, done);
    },
  });
}

/** Writes what the terminal takes now, and tries again with the rest. */
function writeRest(
  terminal: number,
  rest: Buffer,
  retryMs: number,
  done: (error?: Error) => void,
): void {
  let written = 0;
  try {
    while (written < rest.length) written += writeSync(terminal, rest, written);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') {
      done(error as Error);
      return;
    }
    const nextMs = written > 0 ? firstRetryMs : Math.min(2 * retryMs, lastRetryMs);
    setTimeout(() => writeRest(terminal, rest.subarray(written), nextMs, done), retryMs);
    return;
  }
  done();
}
