/** A repeated task. `stop` resolves when the run in hand has ended. */
export interface Loop {
  /** Changes the period from the next run on, in milliseconds. */
  setPeriod(periodMs: number): void;
  stop(): Promise<void>;
}

/** How a loop runs. */
export interface LoopOptions {
  /** From start to start, in milliseconds. A run that takes longer delays the next; runs never overlap. */
  readonly periodMs: number;
  /** After this long the run's signal is aborted. */
  readonly timeoutMs: number;
  /** The task. It should end soon after its signal is aborted. */
  readonly run: (signal: AbortSignal) => Promise<void> | void;
  /** Told of every run that threw; the loop goes on. */
  readonly onError: (error: unknown) => void;
}

/**
 * Starts a loop whose first run comes after one period. The grid of starts is kept by the monotonic
 * clock: a late run does not shift the later ones, and starts that were missed are skipped.
 */
export function startLoop(options: LoopOptions): Loop {
  let period = options.periodMs;
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let inHand: Promise<void> = Promise.resolve();
  const stopping = new AbortController();
  let due = performance.now() + period;

  async function runOnce(): Promise<void> {
    // Plainer than AbortSignal.timeout and .any, which cost more than many a run does.
    const aborting = new AbortController();
    const abort = (): void => aborting.abort(stopping.signal.reason);
    stopping.signal.addEventListener('abort', abort, { once: true });
    let limit: NodeJS.Timeout | undefined;
    try {
      const running = options.run(aborting.signal);
      if (running === undefined) return;
      limit = setTimeout(
        () => aborting.abort(new Error(`The run took more than ${options.timeoutMs} ms.`)),
        options.timeoutMs,
      );
      await running;
    } catch (error) {
      if (!stopped) options.onError(error);
    } finally {
      clearTimeout(limit);
      stopping.signal.removeEventListener('abort', abort);
    }
  }

  function arm(): void {
    if (stopped) return;
    timer = setTimeout(
      () => {
        // Never rejects: runOnce catches everything that the task throws.
        inHand = runOnce().then(() => {
          const now = performance.now();
          due += period;
          if (due <= now) due = now + period - ((now - due) % period);
          arm();
        });
      },
      Math.max(0, due - performance.now()),
    );
  }

  arm();
  return {
    setPeriod(periodMs) {
      if (periodMs === period) return;
      due = due - period + periodMs;
      period = periodMs;
      if (timer !== undefined) {
        clearTimeout(timer);
        arm();
      }
    },
    async stop() {
      stopped = true;
      if (timer !== undefined) clearTimeout(timer);
      stopping.abort(new Error('The loop was stopped.'));
      await inHand;
    },
  };
}
