import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { createBackoff } from '../../runtime/backoff.ts';
import type { Clock } from '../../runtime/clock.ts';
import { messageOf, type Logger } from '../../runtime/logger.ts';
import { startLoop } from '../../runtime/loop.ts';
import type { Result } from '../../runtime/result.ts';
import { parseReceiverLine, type ReceiverLine } from './receiver-line.ts';

/** What the receiver as a whole is doing. */
export type ReceiverState =
  | { readonly name: 'starting' }
  | { readonly name: 'running' }
  | { readonly name: 'failed'; readonly reason: string };

/** The one process that takes what gVisor's sandboxes tell, kept running from the first use on. */
export interface ReceiverProcess {
  state(): ReceiverState;
  pid(): number | undefined;
  /** Has it listen for the container's sandbox. After a restart this is to be said again. */
  add(container: string, sandboxPid: number): void;
  remove(container: string): void;
  stop(): Promise<void>;
}

export interface ReceiverOptions {
  /** The program and the folder to listen in; the failure is in words. */
  readonly find: () => Result<{ readonly program: string; readonly folder: string }, string>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly onLine: (line: ReceiverLine) => void;
  /** It came, or went; what went is forgotten, and every container is to be added again. */
  readonly onState: (state: ReceiverState) => void;
}

/** A receiver that writes this much without an end of line is not ours. */
const mostBuffered = 4_000_000;
/** It tells a window a second. One that is silent for longer hangs, and containers could wait for it. */
const silenceMs = 3000;

/** Starts no process yet. */
export function createReceiverProcess(options: ReceiverOptions): ReceiverProcess {
  const { clock, logger } = options;
  const backoff = createBackoff(500, 30_000);
  const stopping = new AbortController();
  let state: ReceiverState = { name: 'starting' };
  let child: ChildProcessWithoutNullStreams | undefined;
  let running: Promise<void> | undefined;
  let heardAt = 0;

  const isStopping = (): boolean => stopping.signal.aborted;

  function setState(next: ReceiverState): void {
    state = next;
    if (!isStopping()) options.onState(next);
  }

  /** The reason of a failure that a line tells. */
  function take(text: string): string | undefined {
    const line = parseReceiverLine(text);
    if (!line.ok) {
      logger.warn(`A line of the receiver for gVisor was not understood: ${line.error}`);
      return undefined;
    }
    if (isStopping()) return undefined;
    if (line.value.kind === 'failed') return line.value.reason;
    if (line.value.kind === 'ready') setState({ name: 'running' });
    if (line.value.kind === 'window') backoff.reset();
    options.onLine(line.value);
    return undefined;
  }

  /** Runs it to its end, and gives the reason of that. */
  async function runOnce(program: string, folder: string): Promise<string> {
    const one = spawn(program, [folder]);
    child = one;
    heardAt = clock.monotonic();
    const watchdog = startLoop({
      periodMs: 1000,
      timeoutMs: 1000,
      run() {
        if (clock.monotonic() - heardAt >= silenceMs) one.kill('SIGKILL');
      },
      onError: (error) => logger.error(messageOf(error)),
    });
    try {
      return await new Promise((resolve) => {
        let reason: string | undefined;
        let buffered = '';
        one.stdout.setEncoding('utf8');
        one.stdout.on('data', (chunk: string) => {
          heardAt = clock.monotonic();
          const lines = (buffered + chunk).split('\n');
          buffered = lines.pop() ?? '';
          for (const line of lines) reason = take(line) ?? reason;
          if (buffered.length > mostBuffered) one.kill('SIGKILL');
        });
        one.stderr.resume();
        one.stdin.on('error', () => undefined);
        one.on('error', (error) => resolve(error.message));
        one.on('close', (code, signal) =>
          resolve(reason ?? `Its receiver ended (${signal ?? `exit code ${code ?? '?'}`}).`),
        );
      });
    } finally {
      await watchdog.stop();
    }
  }

  async function keepRunning(): Promise<void> {
    while (!isStopping()) {
      const found = options.find();
      const reason = found.ok
        ? await runOnce(found.value.program, found.value.folder)
        : found.error;
      child = undefined;
      if (isStopping()) return;
      logger.warn(`gVisor's system calls are not seen: ${reason}`);
      setState({ name: 'failed', reason });
      // What is not there will not come of itself within seconds.
      const wait = found.ok ? backoff.next() : 30_000;
      await clock.sleep(wait, stopping.signal).catch(() => undefined);
    }
  }

  function tell(command: string): void {
    // One that has ended is seen by its end, not by a pipe that broke.
    if (child?.stdin.writable === true) child.stdin.write(command);
  }

  return {
    state: () => state,
    pid: () => child?.pid,
    add(container, sandboxPid) {
      running ??= keepRunning();
      tell(`add ${container} ${sandboxPid}\n`);
    },
    remove: (container) => tell(`remove ${container}\n`),
    async stop() {
      stopping.abort();
      child?.stdin.end();
      const last = child;
      const timer = setTimeout(() => last?.kill('SIGKILL'), 2000);
      await running;
      clearTimeout(timer);
    },
  };
}
