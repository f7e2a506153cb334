import type { Clock } from './clock.ts';

/** Looks after somebody who ought to be heard of again and again. */
export interface SilenceWatch {
  heard(): void;
  end(): void;
}

/** A call that comes so much late tells that this process stood still itself, milliseconds. */
const ownPauseMs = 1_000;

/**
 * Calls `onSilent` once, with the silence in whole seconds, when nothing was heard for `silentMs`. A
 * time in which this process could not hear, as while the machine slept, does not count.
 */
export function watchSilence(
  clock: Pick<Clock, 'monotonic'>,
  silentMs: number,
  onSilent: (seconds: number) => void,
): SilenceWatch {
  let dueAt = clock.monotonic() + silentMs;
  const timer = setTimeout(() => {
    if (clock.monotonic() - dueAt > ownPauseMs) heard();
    else onSilent(Math.round(silentMs / 1000));
  }, silentMs);
  timer.unref();

  function heard(): void {
    dueAt = clock.monotonic() + silentMs;
    timer.refresh();
  }

  return { heard, end: () => clearTimeout(timer) };
}
