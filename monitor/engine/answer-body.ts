import type { IncomingMessage } from 'node:http';
import type { Bypass } from './bypass.ts';
import { createChunkedReader } from './chunked-reader.ts';

/** Who listens to the body of an answer that streams. */
export interface BodyHandlers {
  /** What came, in order. Good during the call only: whoever keeps it copies it. */
  readonly onBytes: (bytes: Buffer) => void;
  /** The far end said that it is done. */
  readonly onEnd: () => void;
  /** What a broken connection or a broken body gives, with a `code`. It may be told more than once. */
  readonly onError: (error: unknown) => void;
  /** The connection is closed; the last that is told. */
  readonly onClose: () => void;
}

/** The body of an answer that streams. */
export interface AnswerBody {
  /** To be called once, soon: until then what comes is held. */
  listen(handlers: BodyHandlers): void;
  /** Closes the connection. It still reports its own abortion. */
  destroy(): void;
}

/**
 * The body of `response`, by the way around Node's parser where `bypass` has one and the body comes in
 * chunks, as an engine sends it.
 */
export function bodyOf(response: IncomingMessage, bypass: Bypass | undefined): AnswerBody {
  const isChunked = response.headers['transfer-encoding']?.toLowerCase() === 'chunked';
  const around = isChunked && bypass?.takeOver() === true ? bypass : undefined;
  if (around === undefined) bypass?.leave();
  return {
    listen(handlers) {
      // The listener stays after the end: an aborted response still reports its abortion.
      response.on('error', handlers.onError);
      response.on('close', handlers.onClose);
      if (around === undefined) {
        response.on('data', handlers.onBytes);
        response.on('end', handlers.onEnd);
        return;
      }
      const reader = createChunkedReader(handlers);
      around.deliver((bytes) => reader.push(bytes));
      // What Node's parser has seen of the body until now is dropped there.
      response.resume();
    },
    destroy: () => void response.destroy(),
  };
}
