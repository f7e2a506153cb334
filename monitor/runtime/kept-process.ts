import { createBackoff } from './backoff.ts';
import type { Clock } from './clock.ts';
import type { LineProcess, StartLineProcess } from './line-process.ts';
import { watchSilence } from './silence.ts';

/** What a line says of the program itself. */
export type LineSays =
  | { readonly kind: 'nothing' }
  /** It works: should it end, the next is started soon. */
  | { readonly kind: 'well' }
  /** Why it is about to end; a sentence. */
  | { readonly kind: 'failed'; readonly reason: string };

/** One program that takes and tells lines, started again whenever it has ended. */
export interface KeptProcess {
  /** Its process id, while there is one and where it is a child of this process. */
  pid(): number | undefined;
  /** Starts it, unless that was done. */
  start(): void;
  /** Hands it a line, without its end; while there is none, nobody gets it. */
  tell(line: string): void;
  /** Ends its input, waits for its end, and kills it after two seconds. */
  stop(): Promise<void>;
}

export interface KeptProcessOptions {
  readonly begin: StartLineProcess;
  readonly clock: Clock;
  /** As whom its reasons tell of it, such as “loader”. */
  readonly noun: string;
  /** One that lives and says nothing for so long is ended and started again, milliseconds. */
  readonly silentMs: number;
  readonly onLine: (line: string) => LineSays;
  /** A new one takes lines. */
  readonly onBegun?: () => void;
  /** It ended, or could not be started; not told once it is to stop. */
  readonly onEnded: (reason: string) => void;
}

/** One that writes this much without an end of line is not ours. */
const mostBuffered = 4_000_000;
/** What is not there will not come of itself within seconds. */
const absentMs = 30_000;

/** Starts nothing yet. */
export function createKeptProcess(options: KeptProcessOptions): KeptProcess {
  const { clock, noun } = options;
  const backoff = createBackoff(500, 30_000);
  const stopping = new AbortController();
  let child: LineProcess | undefined;
  let running: Promise<void> | undefined;

  const isStopping = (): boolean => stopping.signal.aborted;

  function tell(line: string): void {
    // One that has ended is seen by its end, not by a pipe that broke.
    if (child?.input.writable === true) child.input.write(`${line}\n`);
  }

  /** The reason of a failure that a line tells. */
  function take(line: string): string | undefined {
    if (isStopping()) return undefined;
    const says = options.onLine(line);
    if (says.kind === 'well') backoff.reset();
    return says.kind === 'failed' ? says.reason : undefined;
  }

  /** Runs one to its end, and gives the reason of it. */
  async function runOnce(one: LineProcess): Promise<string> {
    let reason: string | undefined;
    let buffered = '';
    child = one;
    const silence = watchSilence(clock, options.silentMs, (seconds) => {
      reason = `Its ${noun} told nothing for ${seconds} s, and was ended.`;
      one.kill();
    });
    one.output.setEncoding('utf8');
    one.output.on('data', (chunk: string) => {
      silence.heard();
      const lines = (buffered + chunk).split('\n');
      buffered = lines.pop() ?? '';
      for (const line of lines) reason = take(line) ?? reason;
      if (buffered.length > mostBuffered) one.kill();
    });
    one.input.on('error', () => undefined);
    options.onBegun?.();
    const ended = await one.ended;
    silence.end();
    return reason ?? ended;
  }

  async function keepRunning(): Promise<void> {
    while (!isStopping()) {
      const started = options.begin();
      const reason = started.ok ? await runOnce(started.value) : started.error;
      child = undefined;
      if (isStopping()) return;
      options.onEnded(reason);
      const wait = started.ok ? backoff.next() : absentMs;
      await clock.sleep(wait, stopping.signal).catch(() => undefined);
    }
  }

  return {
    pid: () => child?.pid,
    start() {
      running ??= keepRunning();
    },
    tell,
    async stop() {
      stopping.abort();
      child?.input.end();
      const last = child;
      const timer = setTimeout(() => last?.kill(), 2000);
      await running;
      clearTimeout(timer);
    },
  };
}
