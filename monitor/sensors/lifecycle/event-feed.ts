import type { EngineError, EngineEvent, EngineReader, EngineStream } from '../../engine/port.ts';
import type { Moment } from '../../model/time.ts';
import type { Clock } from '../../runtime/clock.ts';
import { meaningOf, type EventMeaning } from './event-meaning.ts';
import { createEventMemory } from './event-memory.ts';
import { createEventTime, isEarlier } from './event-time.ts';

export interface FeedOutput {
  readonly onMeaning: (event: EngineEvent, meaning: EventMeaning, at: Moment) => void;
  /** Events that could not be understood. */
  readonly onLost: (count: number) => void;
}

/** The stream of events, over the streams that carry it one after the other. */
export interface EventFeed {
  /** Opens the stream, from the last event on. */
  open(): void;
  close(): void;
  /** Aborted when the stream that is open now ends. */
  ended(): AbortSignal;
  /** Why the stream that was opened last ended; undefined while it is open. */
  failure(): EngineError | undefined;
  /** From now on the feed counts as proven only when an event arrives on a stream opened later. */
  demandProof(): void;
  proven(): boolean;
  /** The engine's clock now, milliseconds since 1970; undefined while no event has told it. */
  engineNow(): number | undefined;
}

/** A feed that is not open yet. Events are de-duplicated, so that replays tell nothing twice. */
export function openEventFeed(
  reader: Pick<EngineReader, 'openEvents'>,
  clock: Clock,
  output: FeedOutput,
): EventFeed {
  const memory = createEventMemory();
  const time = createEventTime(clock);
  let lastNano: string | undefined;
  let firstOpenedNano: string | undefined;
  let proof: 'none-needed' | 'awaited' | 'given' = 'none-needed';
  let stream: EngineStream | undefined;
  let failure: EngineError | undefined;
  let ending = new AbortController();

  function take(event: EngineEvent): void {
    if (proof === 'awaited') proof = 'given';
    if (!memory.isNew(event)) return;
    if (lastNano === undefined || isEarlier(lastNano, event.timeNano)) lastNano = event.timeNano;
    const at = time.of(event.timeNano);
    const meaning = meaningOf(event);
    if (meaning !== undefined) output.onMeaning(event, meaning, at);
  }

  function close(): void {
    stream?.close();
    stream = undefined;
  }

  return {
    open() {
      close();
      failure = undefined;
      ending = new AbortController();
      const own = ending;
      if (proof === 'given') proof = 'none-needed';
      const since = lastNano ?? firstOpenedNano;
      // As long as no event has told the engine's time, ours stands in for it.
      firstOpenedNano ??= (BigInt(Math.round(clock.now())) * 1_000_000n).toString();
      stream = reader.openEvents(since, {
        onItem: take,
        onEnd: (error) => {
          if (own !== ending) return;
          failure = error;
          own.abort(new Error(error.message));
        },
        onGarbage: () => output.onLost(1),
      });
    },
    close,
    ended: () => ending.signal,
    failure: () => failure,
    demandProof() {
      proof = 'awaited';
    },
    proven: () => proof !== 'awaited',
    engineNow: () => time.engineNow(),
  };
}
