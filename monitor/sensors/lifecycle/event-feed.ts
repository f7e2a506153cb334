import type { EngineError, EngineEvent, EngineReader } from '../../engine/port.ts';
import type { Milliseconds, Moment } from '../../model/time.ts';
import type { Clock } from '../../runtime/clock.ts';
import { onGrid } from '../../runtime/loop.ts';
import { meaningOf, type EventMeaning } from './event-meaning.ts';
import { openEventLink, type EventLink } from './event-link.ts';
import { createEventMemory } from './event-memory.ts';
import { createEventTime, isEarlier } from './event-time.ts';

export interface FeedOutput {
  readonly onMeaning: (event: EngineEvent, meaning: EventMeaning, at: Moment) => void;
  /** Events that could not be understood. */
  readonly onLost: (count: number) => void;
  /** The engine takes long to open the stream, though not yet too long. */
  readonly onLate: () => void;
  /** The engine did not open the stream within the patience: it carries nothing any more. */
  readonly onMute: () => void;
}

/** How the feed is kept fresh. */
export interface FeedPace {
  /** From one opening to the next while all is well, or up to half a second more. */
  readonly renewMs: Milliseconds;
  /** How long the engine may take to begin its answer. */
  readonly patienceMs: Milliseconds;
}

/** The stream of events, over the streams that carry it one after the other. */
export interface EventFeed {
  /** Opens the stream, from the last event on. */
  open(): void;
  close(): void;
  /** Aborted when the stream that is open now ends, or turns out to be mute. */
  ended(): AbortSignal;
  /** Why the stream that was opened last ended; undefined while it is open, and where it is mute. */
  failure(): EngineError | undefined;
  /** Whether the engine did not open the stream that was asked for last. */
  isMute(): boolean;
  /** From now on the feed counts as proven only when an event arrives on a stream opened later. */
  demandProof(): void;
  /** Whether the stream is open, and an event came through it if that was demanded. */
  proven(): boolean;
  /** The engine's clock now, milliseconds since 1970; undefined while no event has told it. */
  engineNow(): number | undefined;
}

/**
 * A feed that is not open yet. Events are de-duplicated, so that replays tell nothing twice.
 *
 * Silence is no sign of life: a connection that carries nothing any more looks like an engine on
 * which nothing happens. So the stream is opened anew all the time, from the last event on. What the
 * engine begins to answer carries events now, and replays what the one before kept back. That costs
 * the engine what a ping does.
 */
export function openEventFeed(
  reader: Pick<EngineReader, 'openEvents'>,
  clock: Clock,
  pace: FeedPace,
  output: FeedOutput,
): EventFeed {
  const memory = createEventMemory();
  const time = createEventTime(clock);
  const links = new Set<EventLink>();
  let lastNano: string | undefined;
  let firstOpenedNano: string | undefined;
  let proof: 'none-needed' | 'awaited' | 'given' = 'none-needed';
  let isOpen = false;
  let isMute = false;
  let failure: EngineError | undefined;
  let ending = new AbortController();
  /** Events after the latest good one that could not be understood: they are replayed with it. */
  let garbage = 0;

  function take(event: EngineEvent): void {
    if (proof === 'awaited') proof = 'given';
    if (!memory.isNew(event)) return;
    if (lastNano === undefined || isEarlier(lastNano, event.timeNano)) {
      lastNano = event.timeNano;
      garbage = 0;
      for (const link of links) link.garbage = 0;
    }
    const at = time.of(event.timeNano);
    const meaning = meaningOf(event);
    if (meaning !== undefined) output.onMeaning(event, meaning, at);
  }

  function close(): void {
    ending.abort(new Error('The stream was closed.'));
    for (const link of links) link.close();
    links.clear();
    isOpen = false;
  }

  function begin(own: AbortController, since: string | undefined): EventLink {
    const link = openEventLink(reader, since, {
      onItem: take,
      onEnd(error) {
        if (own !== ending || own.signal.aborted) return;
        failure = error;
        isOpen = false;
        own.abort(new Error(error.message));
      },
      onGarbage() {
        link.garbage += 1;
        if (link.garbage <= garbage) return;
        garbage = link.garbage;
        output.onLost(1);
      },
    });
    // What does not resume replays nothing, so that what was counted is not to come again.
    if (!link.resumes) link.garbage = garbage;
    links.add(link);
    return link;
  }

  /** Waits until the signal is aborted, at most so long. */
  async function rest(milliseconds: number, signal: AbortSignal): Promise<void> {
    try {
      await clock.sleep(milliseconds, signal);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  /** Whether the engine begins its answer in time. */
  async function opens(link: EventLink): Promise<boolean> {
    // In two halves: after a sleep of this process the first is over before anything was read.
    await rest(pace.patienceMs / 2, link.settled);
    if (!link.settled.aborted) {
      output.onLate();
      await rest(pace.patienceMs / 2, link.settled);
    }
    return link.isOpen();
  }

  /** Renews the stream again and again, until it ends, is closed, or is mute. */
  async function keep(own: AbortController, first: EventLink): Promise<void> {
    const isOver = (): boolean => own.signal.aborted;
    let before = first;
    let present = first;
    for (;;) {
      const opened = await opens(present);
      if (isOver()) return;
      isOpen = opened;
      if (!opened) {
        isMute = true;
        output.onMute();
        own.abort(new Error('The stream is mute.'));
        return;
      }
      for (const link of links) {
        // What does not resume has none but the one before it to tell of the moment in between.
        if (link === present || (link === before && !present.resumes)) continue;
        link.close();
        links.delete(link);
      }
      const now = clock.monotonic();
      await rest(onGrid(now + pace.renewMs, pace.renewMs) - now, own.signal);
      if (isOver()) return;
      before = present;
      // As long as no event has told the engine's time, ours is none to ask by.
      present = begin(own, lastNano);
    }
  }

  return {
    open() {
      close();
      failure = undefined;
      isMute = false;
      ending = new AbortController();
      if (proof === 'given') proof = 'none-needed';
      const since = lastNano ?? firstOpenedNano;
      // As long as no event has told the engine's time, ours stands in for it.
      firstOpenedNano ??= (BigInt(Math.round(clock.now())) * 1_000_000n).toString();
      void keep(ending, begin(ending, since));
    },
    close,
    ended: () => ending.signal,
    failure: () => failure,
    isMute: () => isMute,
    demandProof() {
      proof = 'awaited';
    },
    proven: () => proof !== 'awaited' && isOpen,
    engineNow: () => time.engineNow(),
  };
}
