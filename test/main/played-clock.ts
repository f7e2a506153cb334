import type { Clock } from '../../monitor/runtime/clock.ts';
import { systemClock } from '../../monitor/runtime/clock.ts';

/** A clock whose time a test moves on; who sleeps on it wakes by that alone. */
export interface PlayedClock extends Clock {
  /** Lets so many milliseconds pass at once. */
  pass(milliseconds: number): void;
}

/** The machine's clock, from which the played one runs ahead by what was let pass. */
export function playedClock(): PlayedClock {
  let ahead = 0;
  const sleepers = new Set<() => void>();
  const now = (): number => systemClock.now() + ahead;
  return {
    now,
    monotonic: () => systemClock.monotonic(),
    sleep(milliseconds, signal) {
      const until = now() + milliseconds;
      return new Promise((resolve, reject) => {
        const wake = (): void => {
          if (now() < until) return;
          sleepers.delete(wake);
          resolve();
        };
        signal?.addEventListener('abort', () => {
          sleepers.delete(wake);
          reject(new Error('Woken by the end.'));
        });
        sleepers.add(wake);
        wake();
      });
    },
    pass(milliseconds) {
      ahead += milliseconds;
      for (const wake of [...sleepers]) wake();
    },
  };
}
