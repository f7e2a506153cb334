import type { EngineEvent, EngineReader, StreamHandlers } from '../../engine/port.ts';

/** One stream of events among those that carry the feed one after the other. */
export interface EventLink {
  /** Whether it carries everything since the last event before it, to be told again. */
  readonly resumes: boolean;
  /** Whether the engine has begun its answer. */
  isOpen(): boolean;
  /** Aborted when it is open, ended or closed, whichever comes first. */
  readonly settled: AbortSignal;
  /** What came through it since the latest good event and could not be understood. */
  garbage: number;
  close(): void;
}

/** Asks the engine for its events, from `since` on: nanoseconds since 1970 in decimal. */
export function openEventLink(
  reader: Pick<EngineReader, 'openEvents'>,
  since: string | undefined,
  handlers: StreamHandlers<EngineEvent>,
): EventLink {
  const settling = new AbortController();
  let isOpen = false;
  const stream = reader.openEvents(since, {
    ...handlers,
    onOpen() {
      isOpen = true;
      settling.abort();
    },
    onEnd(error) {
      settling.abort();
      handlers.onEnd(error);
    },
  });
  return {
    resumes: since !== undefined,
    isOpen: () => isOpen,
    settled: settling.signal,
    garbage: 0,
    close() {
      settling.abort();
      stream.close();
    },
  };
}
