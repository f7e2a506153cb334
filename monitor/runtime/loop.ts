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
 * Loops of half a second or more start at full half seconds of the process, so that those of one
 * process wake it together: what a wake-up costs is much of what a small run costs.
 */
const gridMs = 500;

/**
 * Starts a loop whose first run comes after one period, or up to half a second later. The grid of
 * starts is kept by the monotonic clock: a late run does not shift the later ones, and starts that
 * were missed are skipped.
 */
export function startLoop(options: LoopOptions): Loop {
  let period = options.periodMs;
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let inHand: Promise<void> = Promise.resolve();
  // For all runs until it is aborted, which few ever are: one for each costs more than many a run.
  let aborting = new AbortController();
  let due = onGrid(performance.now() + period, period);

  async function runOnce(): Promise<void> {
    if (aborting.signal.aborted) aborting = new AbortController();
    const own = aborting;
    let limit: NodeJS.Timeout | undefined;
    try {
      const running = options.run(own.signal);
      if (running === undefined) return;
      limit = setTimeout(
        () => own.abort(new Error(`The run took more than ${options.timeoutMs} ms.`)),
        options.timeoutMs,
      );
      await running;
    } catch (error) {
      if (!stopped) options.onError(error);
    } finally {
      clearTimeout(limit);
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
      due = onGrid(due - period + periodMs, periodMs);
      period = periodMs;
      if (timer !== undefined) {
        clearTimeout(timer);
        arm();
      }
    },
    async stop() {
      stopped = true;
      if (timer !== undefined) clearTimeout(timer);
      aborting.abort(new Error('The loop was stopped.'));
      await inHand;
    },
  };
}

/**
 * When to do next what is due then by the monotonic clock and comes back every `period` milliseconds:
 * together with the loops.
 */
export function onGrid(due: number, period: number): number {
  return period < gridMs ? due : Math.ceil(due / gridMs) * gridMs;
}
