import type { MonitorClient } from '../../monitor/rpc/client.ts';
import type { ProcessFailure } from '../../monitor/rpc/process-message.ts';
import type { Clock } from '../../monitor/runtime/clock.ts';
import type { MonitorState } from '../../preload/shell.ts';
import type { Result } from '../../monitor/runtime/result.ts';
import type { MonitorProcess, StartTrouble } from './monitor-process.ts';
import type { OtherMonitor } from './other-monitor.ts';
import { restartStep } from './restart-plan.ts';

/** How long until an engine is looked for again where none was, in milliseconds. */
const lookAgainMs = 10_000;

/** One that starts or ends just now has the engine and cannot be talked to: for so many looks. */
const quickLooks = 5;
const quickLookMs = 1000;

/** Keeps a monitor running. */
export interface Supervisor {
  state(): MonitorState;
  /** The monitor that runs now; undefined while none does. */
  client(): MonitorClient | undefined;
  /** Starts a monitor now; one that runs is stopped first. Resolves when the new one is begun. */
  restart(): Promise<void>;
  /** Stops the monitor, and starts none until a person asks; why, and what to do, are sentences. */
  rest(reason: string, advice: string): Promise<void>;
  /** Stops the monitor, and starts none again. */
  stop(): Promise<void>;
}

/** What a supervisor needs. */
export interface SupervisorOptions {
  readonly start: () => MonitorProcess;
  /** Connects to another monitor of this person, which watches the engine with that id already. */
  readonly attach: (engineId: string) => Promise<Result<OtherMonitor, string>>;
  readonly clock: Pick<Clock, 'now' | 'monotonic'>;
  /** Numbers from 0 up to 1, for the jitter of the back-off. */
  readonly random: () => number;
  /** Told of every change; with `running` comes the client of the new monitor. */
  readonly onState: (state: MonitorState, client: MonitorClient | undefined) => void;
}

/**
 * Starts a monitor and starts it again whenever it ends unasked, after a wait that grows, until it
 * has ended too often (restart-plan.ts). Where another one of this person watches already, that one
 * takes its place until it ends. Where there is nothing to be watched it looks again: an engine may
 * come. A call that waits for a monitor that dies ends with `closed`.
 */
export function startSupervisor(options: SupervisorOptions): Supervisor {
  const { clock, onState } = options;
  let state: MonitorState = { state: 'starting', since: clock.now() };
  let client: MonitorClient | undefined;
  let process: MonitorProcess | undefined;
  /** The client of a monitor that was there before. */
  let attached: MonitorClient | undefined;
  let timer: NodeJS.Timeout | undefined;
  let ends: readonly number[] = [];
  /** Grows with each start; what belongs to an earlier one means nothing any more. */
  let generation = 0;
  let stopped = false;
  let looksLeft = quickLooks;
  /** Done when everything that was to end has ended. */
  let over: Promise<unknown> = Promise.resolve();

  function enter(next: MonitorState, nextClient?: MonitorClient): void {
    state = next;
    client = nextClient;
    onState(next, nextClient);
  }

  async function run(): Promise<void> {
    generation += 1;
    const mine = generation;
    const current = options.start();
    process = current;
    const ready = await current.ready;
    if (!ready.ok && ready.error.kind === 'already-running') {
      await follow(ready.error, mine);
      return;
    }
    if (mine === generation && ready.ok) {
      enter({ state: 'running', since: clock.now() }, ready.value);
    }
    // The port closes before the process is gone: whoever looks learns at once.
    const reason = ready.ok ? await ready.value.closed : ready.error.message;
    if (mine === generation) ended(reason, ready.ok ? undefined : ready.error);
  }

  /** Shows the monitor that was there before, until it ends: then it is time for one's own. */
  async function follow(failure: ProcessFailure, mine: number): Promise<void> {
    const other = await options.attach(failure.engineId ?? '');
    if (mine !== generation) {
      if (other.ok) other.value.client.close();
      return;
    }
    process = undefined;
    if (other.ok) {
      looksLeft = quickLooks;
      attached = other.value.client;
      const attachedTo = other.value.pid;
      enter({ state: 'running', since: clock.now(), attachedTo }, attached);
      const reason = await attached.closed;
      if (mine === generation) ended(reason, undefined);
    } else if (looksLeft > 0) {
      looksLeft -= 1;
      timer = setTimeout(() => void run(), quickLookMs);
    } else {
      const message = `${failure.message} ${other.error}`;
      ended(message, { ...failure, message });
    }
  }

  function ended(reason: string, failure: StartTrouble | undefined): void {
    const since = clock.now();
    process = undefined;
    attached = undefined;
    if (failure !== undefined && failure.kind !== 'crashed') {
      // An engine that was named and cannot be reached is reported as a failure to start.
      const cause = failure.kind === 'failed' ? 'no-engine' : failure.kind;
      const { advice } = failure;
      enter({ state: 'waiting', cause, since, reason, advice, nextAt: since + lookAgainMs });
      timer = setTimeout(() => void run(), lookAgainMs);
      return;
    }
    ends = [...ends, clock.monotonic()].slice(-100);
    const step = restartStep(ends, options.random());
    if (step.kind === 'give-up') {
      const advice = failure?.advice ?? 'Start it again, and look at its log if it ends again.';
      enter({ state: 'stopped', since, reason, advice });
      return;
    }
    const nextAt = since + step.waitMs;
    enter({ state: 'restarting', since, reason, attempt: step.attempt, nextAt });
    timer = setTimeout(() => void run(), step.waitMs);
  }

  /** Ends what runs or would run; from here on nothing of it counts. */
  function halt(): Promise<unknown> {
    generation += 1;
    clearTimeout(timer);
    const current = process;
    process = undefined;
    client = undefined;
    attached?.close();
    attached = undefined;
    looksLeft = quickLooks;
    // What an earlier call is still ending, too: the next monitor would find the engine taken.
    over = Promise.all([over, current?.stop()]);
    return over;
  }

  void run();

  return {
    state: () => state,
    client: () => client,
    async restart() {
      if (stopped) return;
      const halted = halt();
      ends = [];
      enter({ state: 'starting', since: clock.now() });
      const mine = generation;
      await halted;
      if (mine === generation) void run();
    },
    async rest(reason, advice) {
      if (stopped) return;
      const halted = halt();
      ends = [];
      enter({ state: 'stopped', since: clock.now(), reason, advice });
      await halted;
    },
    async stop() {
      stopped = true;
      await halt();
    },
  };
}
