import { createBackoff } from '../../runtime/backoff.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Logger } from '../../runtime/logger.ts';
import type { LineProcess, StartLineProcess } from '../../runtime/line-process.ts';
import { parseKernelLine, type KernelLine } from './kernel-line.ts';

/** What the kernel sensor as a whole is doing. */
export type KernelState =
  | { readonly name: 'starting' }
  | { readonly name: 'running' }
  | { readonly name: 'failed'; readonly reason: string };

/** The one loader process of a monitor, kept running while a cgroup is watched. */
export interface KernelSensor {
  state(): KernelState;
  /** The process id of the loader, while there is one. */
  pid(): number | undefined;
  add(cgroup: string): void;
  remove(cgroup: string): void;
  /** Windows of a quarter of a second for it, or of a second again. */
  pace(cgroup: string, closely: boolean): void;
  stop(): Promise<void>;
}

export interface KernelSensorOptions {
  /** Starts the loader. */
  readonly start: StartLineProcess;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly onLine: (line: KernelLine) => void;
  /** The loader came, or went; in between, all it had told of has ended. */
  readonly onState: (state: KernelState) => void;
}

/** A loader that writes this much without an end of line is not ours. */
const mostBuffered = 4_000_000;

/** A sensor that starts its loader once there is a cgroup to watch. */
export function createKernelSensor(options: KernelSensorOptions): KernelSensor {
  const { clock, logger } = options;
  const cgroups = new Set<string>();
  const closely = new Set<string>();
  const backoff = createBackoff(500, 30_000);
  const stopping = new AbortController();
  let state: KernelState = { name: 'starting' };
  let child: LineProcess | undefined;
  let running: Promise<void> | undefined;

  const isStopping = (): boolean => stopping.signal.aborted;

  function setState(next: KernelState): void {
    const isNew = state.name !== next.name || next.name === 'failed';
    state = next;
    if (isNew && !stopping.signal.aborted) options.onState(next);
  }

  function tell(command: string): void {
    // A loader that has ended is seen by its end, not by a pipe that broke.
    if (child?.input.writable === true) child.input.write(command);
  }

  /** Runs one loader to its end, and gives the reason of it. */
  async function runOnce(one: LineProcess): Promise<string> {
    let reason: string | undefined;
    let buffered = '';
    child = one;
    one.output.setEncoding('utf8');
    one.output.on('data', (chunk: string) => {
      const lines = (buffered + chunk).split('\n');
      buffered = lines.pop() ?? '';
      for (const line of lines) reason = take(line) ?? reason;
      if (buffered.length > mostBuffered) one.kill();
    });
    one.input.on('error', () => undefined);
    for (const cgroup of cgroups) tell(`add ${cgroup}\n`);
    for (const cgroup of closely) tell(`close ${cgroup}\n`);
    const ended = await one.ended;
    return reason ?? ended;
  }

  /** The reason of a failure that a line tells. */
  function take(text: string): string | undefined {
    const line = parseKernelLine(text);
    if (!line.ok) {
      logger.warn(`A line of the kernel sensor was not understood: ${line.error}`);
      return undefined;
    }
    if (stopping.signal.aborted) return undefined;
    if (line.value.kind === 'ready') setState({ name: 'running' });
    if (line.value.kind === 'window') backoff.reset();
    if (line.value.kind === 'failed') return line.value.reason;
    options.onLine(line.value);
    return undefined;
  }

  async function keepRunning(): Promise<void> {
    while (!isStopping()) {
      const started = options.start();
      const reason = started.ok ? await runOnce(started.value) : started.error;
      child = undefined;
      if (isStopping()) return;
      logger.warn(`System calls are not seen: ${reason}`);
      setState({ name: 'failed', reason });
      // What is not there will not come of itself within seconds.
      const wait = started.ok ? backoff.next() : 30_000;
      await clock.sleep(wait, stopping.signal).catch(() => undefined);
    }
  }

  return {
    state: () => state,
    pid: () => child?.pid,
    add(cgroup) {
      if (cgroups.has(cgroup)) return;
      cgroups.add(cgroup);
      tell(`add ${cgroup}\n`);
      running ??= keepRunning();
    },
    remove(cgroup) {
      closely.delete(cgroup);
      if (cgroups.delete(cgroup)) tell(`remove ${cgroup}\n`);
    },
    pace(cgroup, isClose) {
      if (!cgroups.has(cgroup) || closely.has(cgroup) === isClose) return;
      if (isClose) closely.add(cgroup);
      else closely.delete(cgroup);
      tell(`${isClose ? 'close' : 'usual'} ${cgroup}\n`);
    },
    async stop() {
      stopping.abort();
      // Its standard input at an end, it takes its program out of the kernel and goes.
      child?.input.end();
      const last = child;
      const timer = setTimeout(() => last?.kill(), 2000);
      await running;
      clearTimeout(timer);
    },
  };
}
