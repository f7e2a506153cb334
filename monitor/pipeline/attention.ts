import type { Milliseconds } from '../model/time.ts';
import type { ContainerId } from '../model/workload.ts';

/** Looks closer at containers for which that would pay, for a while. */
export interface Attention {
  /** Look at it ten times a second for the next three seconds. */
  ask(container: ContainerId, monotonicMs: Milliseconds): void;
  /** Ends what has run out. */
  expire(monotonicMs: Milliseconds): void;
  forget(container: ContainerId): void;
}

const closelyHertz = 10;
const closelyMs: Milliseconds = 3_000;

/** `setRate` asks the sampler; `usualHertz` is what it goes back to. */
export function createAttention(
  setRate: (container: ContainerId, hertz: number) => void,
  usualHertz: number,
): Attention {
  const until = new Map<ContainerId, Milliseconds>();
  return {
    ask(container, now) {
      if (!until.has(container)) setRate(container, closelyHertz);
      until.set(container, now + closelyMs);
    },
    expire(now) {
      for (const [container, end] of until) {
        if (now < end) continue;
        until.delete(container);
        setRate(container, usualHertz);
      }
    },
    forget: (container) => void until.delete(container),
  };
}
