import type {
  ContainerSummary,
  EngineError,
  EngineEvent,
  EngineReader,
} from '../../engine/port.ts';
import type { LifecycleEvent } from '../../model/observation.ts';
import type { Moment } from '../../model/time.ts';
import type { ContainerId, Workload } from '../../model/workload.ts';
import { createBackoff } from '../../runtime/backoff.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Logger } from '../../runtime/logger.ts';
import { createContainerTable } from './container-table.ts';
import { openEventFeed } from './event-feed.ts';
import { createInspectQueue } from './inspect-queue.ts';
import { askedNothing, askWhetherThere } from './late-answer.ts';
import type { Loss } from './table-output.ts';
import type { IgnoredContainer } from './tracked-container.ts';

/** Whether the engine is there. */
export type ConnectionState =
  | { readonly state: 'connected'; readonly since: Moment }
  | { readonly state: 'reconnecting'; readonly since: Moment; readonly error: EngineError };

/** What the stream of events is worth. */
export type EventSight =
  | { readonly state: 'seeing' }
  /** `answers`: whether the engine answers what it is asked, so that it is its events alone. */
  | { readonly state: 'blind'; readonly reason: string; readonly answers: boolean };

export interface WatchOptions {
  readonly reader: Pick<EngineReader, 'list' | 'inspect' | 'openEvents' | 'ping'>;
  readonly selects: (summary: ContainerSummary) => boolean;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly onAdded: (workload: Workload) => void;
  readonly onChanged: (workload: Workload) => void;
  readonly onGone: (workload: Workload) => void;
  /** A container is not selected: that has just turned out, or it has new network interfaces. */
  readonly onPassedOver: (container: ContainerId) => void;
  readonly onFact: (workload: Workload, fact: LifecycleEvent, at: Moment) => void;
  readonly onConnection: (connection: ConnectionState) => void;
  readonly onSight: (sight: EventSight) => void;
  readonly onLost: (loss: Loss, count: number) => void;
  /** From list to list, milliseconds; asked for each time. Default 5000. */
  readonly relistMs?: () => number;
  /** How long an event may lag behind the list, and the engine's answer behind us, milliseconds. */
  readonly patienceMs?: number;
  /** From one opening of the stream to the next, or up to half a second more, milliseconds. */
  readonly renewMs?: number;
}

export interface WorkloadWatcher {
  workloads(): readonly Workload[];
  /** The containers that are not selected. */
  ignored(): readonly IgnoredContainer[];
  /** Whether the list was read once and each container on it was looked at. */
  isListed(): boolean;
  /** Something else suggests that the container is not as it was told: looks again. */
  recheck(container: ContainerId): void;
  /** Somebody else saw the container: looks at the list soon if no event told of it. */
  suspect(container: ContainerId): void;
  /** What is selected has changed: looks at every container again. */
  reselect(): void;
  stop(): Promise<void>;
}

/** How long replayed events may take after the stream was opened again, milliseconds. */
const replayMs = 500;

/** From list to list at most while the events are not believed, milliseconds. */
const blindRelistMs = 5000;

/** Why a watch over an open stream ended. */
type Ending =
  | { readonly kind: 'lost'; readonly error: EngineError }
  | { readonly kind: 'missed'; readonly missed: readonly string[] }
  | { readonly kind: 'mute' }
  | { readonly kind: 'unproven' }
  | { readonly kind: 'stopped' };

/**
 * Watches the engine's containers by its stream of events, which is opened anew every few seconds
 * (a stream that is not opened is mute, and told as blind at once), and checks it against the list
 * of containers. Ended streams are opened again with back-off (0.25 s to 30 s, jittered) from the
 * last event on; after that the whole list is read and what it shows beyond the events is told as
 * facts. A stream that is open and yet leaves out what the list shows is called blind, and opened
 * anew; it is believed again when an event, be it a replayed one, has come through it.
 */
export function watchWorkloads(options: WatchOptions): WorkloadWatcher {
  const { reader, clock, logger } = options;
  const relistMs = options.relistMs ?? (() => 5000);
  const patienceMs = options.patienceMs ?? 2000;
  const renewMs = options.renewMs ?? 2000;
  const stopping = new AbortController();
  const backoff = createBackoff(250, 30_000);
  const queue = createInspectQueue(reader, (container, answer) => {
    table.takeInspection(container, answer, clock.monotonic());
  });
  const table = createContainerTable(options.selects, {
    onAdded: options.onAdded,
    onChanged: options.onChanged,
    onGone: options.onGone,
    onPassedOver: options.onPassedOver,
    onFact: options.onFact,
    onLost: options.onLost,
    onDoubt: () => lookBy(clock.monotonic() + patienceMs),
    inspect: (container) => queue.ask(container),
    forget: (container) => queue.forget(container),
  });
  const pace = { renewMs, patienceMs };
  const feed = openEventFeed(reader, clock, pace, {
    onMeaning: (event: EngineEvent, meaning, at) => table.takeEvent(event, meaning, at),
    onLost: (count) => options.onLost({ of: 'any' }, count),
    onLate: () => (late = askWhetherThere(reader)),
    onMute() {
      const seconds = `${patienceMs / 1000} s`;
      const reason = late.answered()
        ? `The engine answers, yet has not opened its stream of events within ${seconds}.`
        : `The engine has answered nothing for ${seconds}.`;
      logger.warn(reason);
      setSight({ state: 'blind', reason, answers: late.answered() });
    },
  });

  const isStopping = (): boolean => stopping.signal.aborted;
  let known = false;
  let listed = false;
  /** When the list is read next, monotonic: as usual, and because something was seen before it was told. */
  let listAt = 0;
  let doubtAt = Number.POSITIVE_INFINITY;
  let wake = new AbortController();
  let late = askedNothing;
  let sight: EventSight['state'] = 'seeing';

  function setSight(next: EventSight): void {
    if (next.state === 'seeing' && sight === 'seeing') return;
    sight = next.state;
    options.onSight(next);
  }

  /** Has the list read by then if what is doubted is not told before. */
  function lookBy(monotonicMs: number): void {
    if (monotonicMs >= Math.min(listAt, doubtAt)) return;
    doubtAt = monotonicMs;
    wake.abort(new Error('Something was seen that was not told.'));
  }

  /** Waits, or until stopping. False when stopping. */
  async function pause(milliseconds: number, signal = stopping.signal): Promise<boolean> {
    try {
      await clock.sleep(milliseconds, signal);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
    return !isStopping();
  }

  /** Opens the stream, reads the list, and brings the table up to date. */
  async function connect(): Promise<EngineError | undefined> {
    feed.open();
    if (known && !(await pause(replayMs, AbortSignal.any([stopping.signal, feed.ended()])))) {
      return undefined;
    }
    const at = clock.now();
    const engineMs = feed.engineNow();
    const list = await reader.list();
    if (!list.ok) return list.error;
    table.takeList(list.value, known ? { how: 'derive', at, engineMs } : { how: 'accept' });
    known = true;
    return feed.failure();
  }

  /** Waits until the list is to be read; less long while the events are not believed. */
  async function waitForList(listedAt: number): Promise<void> {
    const dueAt = Math.min(listAt, doubtAt, sight === 'blind' ? listedAt + blindRelistMs : listAt);
    wake = new AbortController();
    const signal = AbortSignal.any([stopping.signal, feed.ended(), wake.signal]);
    await pause(Math.max(0, dueAt - clock.monotonic()), signal);
  }

  /** Lists again and again beside the open stream, until one of the two fails. */
  async function compare(): Promise<Ending> {
    let listedAt = clock.monotonic();
    listAt = listedAt + relistMs();
    doubtAt = Number.POSITIVE_INFINITY;
    for (;;) {
      await waitForList(listedAt);
      if (isStopping()) return { kind: 'stopped' };
      const failure = feed.failure();
      if (failure !== undefined) return { kind: 'lost', error: failure };
      if (feed.isMute()) return { kind: 'mute' };
      if (sight === 'blind') {
        if (!feed.proven()) return { kind: 'unproven' };
        setSight({ state: 'seeing' });
      }
      const [monotonicMs, engineMs] = [clock.monotonic(), feed.engineNow()];
      if (monotonicMs >= doubtAt && !table.isDoubted()) doubtAt = Number.POSITIVE_INFINITY;
      if (monotonicMs < Math.min(listAt, doubtAt)) continue;
      const list = await reader.list();
      if (!list.ok) return { kind: 'lost', error: list.error };
      const verdict = table.takeList(list.value, {
        how: 'compare',
        monotonicMs,
        engineMs,
        patienceMs,
      });
      if (verdict.missed.length > 0) return { kind: 'missed', missed: verdict.missed };
      listedAt = clock.monotonic();
      listAt = listedAt + relistMs();
      doubtAt = verdict.doubts > 0 ? listedAt + patienceMs : Number.POSITIVE_INFINITY;
    }
  }

  /** What a mute stream comes to: the engine may be gone with it. */
  async function endingOfMute(): Promise<Ending> {
    const answer = await late.answer;
    return answer.ok ? { kind: 'mute' } : { kind: 'lost', error: answer.error };
  }

  async function run(): Promise<void> {
    let connected = false;
    while (!isStopping()) {
      const error = await connect();
      if (isStopping()) break;
      let ending: Ending;
      if (error === undefined) {
        if (!connected) {
          options.onConnection({ state: 'connected', since: clock.now() });
          connected = true;
        }
        if (sight === 'blind' && feed.proven()) setSight({ state: 'seeing' });
        if (sight === 'seeing') backoff.reset();
        ending = await compare();
      } else {
        ending = { kind: 'lost', error };
      }
      feed.close();
      if (ending.kind === 'mute') ending = await endingOfMute();
      switch (ending.kind) {
        case 'stopped':
          return;
        case 'unproven':
          break;
        case 'mute':
          await pause(renewMs);
          break;
        case 'missed': {
          const names = ending.missed.slice(0, 3).join(', ');
          const reason = `The engine's list shows changes to ${names} that its event stream did not tell within ${patienceMs / 1000} s.`;
          logger.warn(`${reason} The stream is opened anew.`);
          setSight({ state: 'blind', reason, answers: true });
          feed.demandProof();
          break;
        }
        case 'lost':
          if (connected) {
            connected = false;
            const since = clock.now();
            options.onConnection({ state: 'reconnecting', since, error: ending.error });
          } else {
            logger.debug(`The engine still does not answer: ${ending.error.message}`);
          }
          await pause(backoff.next());
      }
    }
    feed.close();
  }

  const running = run();
  return {
    workloads: () => table.workloads(),
    ignored: () => table.ignored(),
    isListed: () => (listed ||= known && table.isSettled()),
    recheck: (container) => queue.ask(container),
    reselect: () => table.reselect(),
    suspect(container) {
      if (table.knows(container)) return;
      listAt = clock.monotonic();
      wake.abort(new Error('A container was found.'));
    },
    async stop() {
      stopping.abort(new Error('The watcher was stopped.'));
      feed.close();
      queue.stop();
      await running;
    },
  };
}
