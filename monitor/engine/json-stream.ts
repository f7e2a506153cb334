import type { EngineError, EngineStream, StreamHandlers } from './port.ts';
import { messageOf } from '../runtime/logger.ts';
import type { AnswerBody } from './answer-body.ts';
import { CallFailure } from './engine-error.ts';
import { createLineSplitter } from './line-splitter.ts';
import { errorOfSocket, type SocketPlace } from './socket-error.ts';

/** What a line of a stream turned out to be. */
export type Reading<Item> =
  | { readonly kind: 'item'; readonly item: Item }
  /** Understood, and of no interest. */
  | { readonly kind: 'skip' }
  | { readonly kind: 'garbage'; readonly reason: string };

/** How a stream of JSON lines is opened and read. */
export interface JsonStreamOptions<Item> {
  /** In words, for errors: `stats of 3f2a…`. */
  readonly what: string;
  readonly place: SocketPlace;
  readonly open: (signal: AbortSignal) => Promise<AnswerBody>;
  /** Must not throw. */
  readonly read: (line: string) => Reading<Item>;
  /** Without a byte for this long the stream counts as dead, in milliseconds; undefined: never. */
  readonly silenceMs: number | undefined;
  readonly handlers: StreamHandlers<Item>;
}

/** The longest line that is read, in bytes. */
const lineLimitBytes = 4 * 1024 * 1024;

/**
 * Opens a stream of JSON lines. Whatever happens first, a refusal, an error, an end, a close
 * without an end or too long a silence, ends it with one `onEnd`.
 */
export function openJsonStream<Item>(options: JsonStreamOptions<Item>): EngineStream {
  const { handlers, what, place } = options;
  const opening = new AbortController();
  let body: AnswerBody | undefined;
  let silence: NodeJS.Timeout | undefined;
  let over = false;

  function shut(): boolean {
    if (over) return false;
    over = true;
    clearTimeout(silence);
    opening.abort();
    body?.destroy();
    return true;
  }
  function end(error: EngineError): void {
    if (shut()) handlers.onEnd(error);
  }

  const splitter = createLineSplitter(
    lineLimitBytes,
    (line) => {
      if (over) return;
      const reading = options.read(line);
      if (reading.kind === 'item') handlers.onItem(reading.item);
      else if (reading.kind === 'garbage') handlers.onGarbage(reading.reason);
    },
    () => {
      if (!over) handlers.onGarbage(`a line is longer than ${lineLimitBytes} bytes`);
    },
  );

  function attach(opened: AnswerBody): void {
    body = opened;
    const isWanted = !over;
    if (isWanted) {
      handlers.onOpen?.();
      if (options.silenceMs !== undefined) {
        const { silenceMs } = options;
        silence = setTimeout(() => end(silent(what, silenceMs)), silenceMs);
      }
    }
    opened.listen({
      onBytes(bytes) {
        silence?.refresh();
        splitter.push(bytes);
      },
      onEnd() {
        splitter.end();
        end(ended(what));
      },
      onError: (error) => end(errorOfSocket(error, place)),
      onClose: () => end(ended(what)),
    });
    if (!isWanted) opened.destroy();
  }

  options.open(opening.signal).then(attach, (error: unknown) => {
    end(
      error instanceof CallFailure
        ? error.engineError
        : { kind: 'failed', message: messageOf(error), advice: 'Please report this.' },
    );
  });

  return {
    close() {
      shut();
    },
  };
}

function ended(what: string): EngineError {
  return {
    kind: 'unreachable',
    message: `The engine ended the stream "${what}".`,
    advice:
      'The container was removed, or the engine was stopped or restarted. Sentra looks again by itself.',
  };
}

function silent(what: string, milliseconds: number): EngineError {
  return {
    kind: 'timeout',
    message: `The stream "${what}" has been silent for ${milliseconds} ms, where something comes every second.`,
    advice: 'The engine is overloaded or stuck. Sentra opens the stream again by itself.',
  };
}
