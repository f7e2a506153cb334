import type { ChannelName } from '../../preload/channels.ts';
import type { Params, Reply, SentraBridge } from '../../preload/contract.ts';
import type { ShellEvent, ShellState } from '../../preload/shell.ts';
import { actionHeadline, actionProof } from '../words/action-sentence.ts';
import { asksFirst, type Deed } from './deeds.ts';
import type { ContainerId, MonitorEvent, Snapshot } from './model.ts';
import { reduce, type Message } from './reduce.ts';
import type { Route } from './route.ts';
import { createSeriesBook, type SeriesBook } from './series-book.ts';
import {
  initialState,
  mostFindings,
  mostRecords,
  type Note,
  type ViewState,
} from './view-state.ts';

/** The one place that talks to the shell, and what everything shown is read from. */
export interface Store {
  getState(): ViewState;
  /** Calls the listener after changes, several in one call, until the returned function is called. */
  subscribe(listener: () => void): () => void;
  /** Hears each event as it comes, before the state shows it. */
  onEvent(listener: (event: ShellEvent) => void): () => void;
  send(message: Message): void;
  readonly series: SeriesBook;
  go(route: Route): void;
  back(): void;
  /** Does it, or asks first where it must be asked. */
  request(deed: Deed, container: ContainerId): void;
  /** Does what was asked, after the person said yes. */
  carryOut(deed: Deed, container: ContainerId): Promise<void>;
  /** Says something in passing. */
  say(tone: Note['tone'], text: string): void;
  /** Asks a channel. Never rejects. */
  call<Name extends ChannelName>(name: Name, params: Params<Name>): Promise<Reply<Name>>;
  /** Begins to listen; everything is read anew. */
  start(): Promise<void>;
}

type Channels = {
  readonly [Name in ChannelName]: (params: Params<Name>) => Promise<Reply<Name>>;
};

/** Changes that come within so many milliseconds are shown together. */
const togetherMs = 40;

/** A monitor that was too slow or too busy to answer is asked again after so long, milliseconds. */
const againMs = 2000;

/** Whether everything is being read anew, and whether it must be read once more after that. */
type Reading = 'idle' | 'once' | 'again';

/** A store over what the preload gives the page. */
export function createStore(bridge: SentraBridge): Store {
  let state = initialState;
  let sequence: number | undefined;
  let nextNote = 0;
  let notifying: ReturnType<typeof setTimeout> | undefined;
  let reading: Reading = 'idle';
  let readingAgain: ReturnType<typeof setTimeout> | undefined;
  /** Grows with each monitor that runs in the place of another. */
  let monitors = 0;
  const listeners = new Set<() => void>();
  const hearers = new Set<(event: ShellEvent) => void>();
  /** What the monitor tells while something is read, for each reading that is under way. */
  const overheard = new Set<MonitorEvent[]>();
  const series = createSeriesBook();
  const channels: Channels = bridge;

  function notify(): void {
    clearTimeout(notifying);
    notifying = undefined;
    for (const listener of listeners) listener();
  }

  function send(message: Message, soon = false): void {
    const next = reduce(state, message);
    if (next === state) return;
    state = next;
    // What a person does shows at once; what the monitor tells waits for its neighbours.
    if (soon) notifying ??= setTimeout(notify, togetherMs);
    else notify();
  }

  /** Reads everything anew; what is lost while that is under way has it read once more. */
  async function readAll(): Promise<void> {
    if (reading !== 'idle') {
      reading = 'again';
      return;
    }
    const mine = monitors;
    do {
      reading = 'once';
      await readOnce(mine);
      if (mine !== monitors) return;
      // It may have been asked for once more meanwhile, which the compiler cannot see.
    } while ((reading as Reading) === 'again');
    reading = 'idle';
  }

  /** Another monitor runs: what is still being read of the one before is waited for no longer. */
  function readOfAnother(): void {
    monitors += 1;
    reading = 'idle';
    clearTimeout(readingAgain);
    readingAgain = undefined;
    void readAll();
  }

  /**
   * What was lost would else stay lost. Any other failure than these holds until another monitor
   * runs, of which everything is read in any case.
   */
  function readAgainAfter({ kind }: { readonly kind: string }): void {
    if (kind !== 'timeout' && kind !== 'busy') return;
    readingAgain ??= setTimeout(() => {
      readingAgain = undefined;
      void readAll();
    }, againMs);
  }

  /**
   * Reads, and takes the answers in by what it is handed. An answer may be older than what the monitor
   * told on the way, and would undo it: so that is taken in once more after each answer. Readings are
   * not: the next ones come within a second.
   */
  async function whileHearing(
    read: (takeIn: (message: Message) => void) => Promise<void>,
  ): Promise<void> {
    const told: MonitorEvent[] = [];
    overheard.add(told);
    try {
      await read((message) => {
        send(message);
        for (const event of told) send({ kind: 'event', event }, true);
      });
    } finally {
      overheard.delete(told);
    }
  }

  function readOnce(mine: number): Promise<void> {
    return whileHearing(async (takeIn) => {
      const snapshot = await bridge.snapshot({});
      if (mine !== monitors) return;
      if (!snapshot.ok) {
        send({ kind: 'no-snapshot', message: snapshot.error.message });
        readAgainAfter(snapshot.error);
        return;
      }
      takeSnapshot(snapshot.value, takeIn);
      await readRecords(mine);
    });
  }

  function takeSnapshot(snapshot: Snapshot, takeIn: (message: Message) => void): void {
    for (const { resource } of snapshot.workloads) if (resource) series.seed(resource);
    takeIn({ kind: 'snapshot', snapshot });
  }

  function readRecords(mine: number): Promise<void> {
    return whileHearing(async (takeIn) => {
      // What is open by itself: of a container that is held it may be older than a thousand others.
      const [open, findings, actions] = await Promise.all([
        bridge.findings({ status: 'open', limit: mostFindings }),
        bridge.findings({ limit: mostFindings }),
        bridge.actions({ limit: mostRecords }),
      ]);
      if (mine !== monitors) return;
      if (open.ok && findings.ok) {
        takeIn({ kind: 'findings', findings: [...open.value, ...findings.value] });
      }
      if (!open.ok) readAgainAfter(open.error);
      if (!findings.ok) readAgainAfter(findings.error);
      if (actions.ok) takeIn({ kind: 'actions', actions: actions.value });
      else readAgainAfter(actions.error);
    });
  }

  function takeShell(shell: ShellState): void {
    const before = state.shell?.monitor;
    send({ kind: 'shell', shell });
    const runsAnew =
      shell.monitor.state === 'running' &&
      (before?.state !== 'running' || before.since !== shell.monitor.since);
    if (runsAnew) {
      // It may watch another engine now: what was drawn belongs to the one before.
      if (before !== undefined) series.clear();
      readOfAnother();
    }
  }

  function take(event: ShellEvent): void {
    for (const hearer of hearers) hearer(event);
    const missed = sequence !== undefined && event.sequence !== sequence + 1;
    sequence = event.sequence;
    switch (event.kind) {
      case 'monitor':
        if (event.event.kind === 'observations') series.take(event.event);
        if (event.event.kind === 'workload' && event.event.change === 'gone') {
          series.forget(event.event.view.workload.container);
        }
        if (event.event.kind !== 'observations') {
          for (const told of overheard) told.push(event.event);
        }
        send({ kind: 'event', event: event.event }, true);
        break;
      case 'snapshot':
        // Written by the shell of this program a moment ago.
        takeSnapshot(JSON.parse(event.text) as Snapshot, send);
        void readRecords(monitors);
        break;
      case 'lost':
        void readAll();
        break;
      case 'shell':
        takeShell(event.shell);
        break;
      case 'navigate':
        send({ kind: 'place', place: event.place });
        break;
    }
    if (missed) void readAll();
  }

  function say(tone: Note['tone'], text: string): void {
    nextNote += 1;
    send({ kind: 'note', note: { id: nextNote, tone, text } });
  }

  async function carryOut(deed: Deed, container: ContainerId): Promise<void> {
    const name = state.workloads.get(container)?.workload.name ?? container.slice(0, 12);
    send({ kind: 'begun', container, action: deed, at: Date.now() });
    const reply = await bridge[deed]({ target: container });
    send({ kind: 'ended', container });
    if (!reply.ok) {
      const advice = 'advice' in reply.error ? ` ${reply.error.advice}` : '';
      say('alarm', `${reply.error.message}${advice}`);
      return;
    }
    const { outcome } = reply.value;
    const tone =
      outcome.state === 'proved' ? 'good' : outcome.state === 'failed' ? 'alarm' : 'warning';
    say(tone, `${actionHeadline(reply.value, name)}. ${actionProof(reply.value)}`);
  }

  return {
    getState: () => state,
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    onEvent(hearer) {
      hearers.add(hearer);
      return () => void hearers.delete(hearer);
    },
    send: (message) => send(message),
    series,
    go: (route) => send({ kind: 'go', route }),
    back: () => send({ kind: 'back' }),
    request(deed, container) {
      if (state.pending.has(container)) return;
      if (asksFirst(deed)) send({ kind: 'ask', question: { action: deed, container } });
      else void carryOut(deed, container);
    },
    carryOut,
    say,
    call<Name extends ChannelName>(name: Name, params: Params<Name>) {
      return channels[name](params);
    },
    async start() {
      bridge.onEvent(take);
      const opening = await bridge.subscribe({});
      if (!opening.ok) {
        send({ kind: 'no-snapshot', message: opening.error.message });
        return;
      }
      // What the shell told of itself since then is newer: the answer was given before it.
      if (state.shell !== undefined) return;
      // A snapshot comes before this answer; where it has not, the tap had to drop it.
      const isRead = opening.value.snapshot === 'follows' && state.monitor !== undefined;
      if (isRead) send({ kind: 'shell', shell: opening.value.shell });
      else takeShell(opening.value.shell);
    },
  };
}
