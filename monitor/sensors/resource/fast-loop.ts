import { startLoop, type Loop } from '../../runtime/loop.ts';

/** A second loop beside the sweeps, which exists only while a container is read more often. */
export interface FastLoop {
  /** Runs `hertz` times a second from now on; not at all where the sweeps are as frequent. */
  tune(hertz: number): void;
  stop(): Promise<void>;
}

const mostHertz = 10;
const leastHertz = 0.25; // Rarer readings would look like silence.

/** The rate, readings a second, that is given where this one was asked for. */
export function rateWithin(hertz: number): number {
  return Math.min(mostHertz, Math.max(leastHertz, hertz));
}

/** A fast loop that does not run yet, beside `sweepHertz` sweeps a second. */
export function createFastLoop(
  run: () => void,
  sweepHertz: number,
  onError: (error: unknown) => void,
): FastLoop {
  let loop: Loop | undefined;
  let ending: Promise<void> = Promise.resolve();

  function end(): Promise<void> {
    if (loop !== undefined) ending = loop.stop();
    loop = undefined;
    return ending;
  }

  return {
    tune(hertz) {
      if (hertz <= sweepHertz) void end();
      else if (loop !== undefined) loop.setPeriod(1000 / hertz);
      else loop = startLoop({ periodMs: 1000 / hertz, timeoutMs: 1000, run, onError });
    },
    stop: end,
  };
}
