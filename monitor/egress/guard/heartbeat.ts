import type { EgressProbe } from '../../model/egress.ts';
import type { Milliseconds } from '../../model/time.ts';

/** When a container's wall is proved next, and what the last proof said. */
export interface Heartbeat {
  /** The wall was put up anew: proved with the next beat. */
  hurry(): void;
  isDue(monotonicMs: Milliseconds): boolean;
  /**
   * Takes the result in. A sentence when something got out; what could not be proved is kept for
   * the badge.
   */
  hear(probes: readonly EgressProbe[], monotonicMs: Milliseconds): string | undefined;
  /** The proof did not run at all. */
  fail(reason: string, monotonicMs: Milliseconds): void;
  unproved(): string | undefined;
}

/** From proof to proof while nothing changes. */
export const proofPeriodMs: Milliseconds = 300_000;

/** What could not be proved is tried again sooner. */
const retryMs: Milliseconds = 15_000;

/** Due at once. */
export function createHeartbeat(): Heartbeat {
  let dueAt = -Infinity;
  let unproved: string | undefined;

  return {
    hurry() {
      dueAt = -Infinity;
    },
    isDue: (monotonicMs) => monotonicMs >= dueAt,
    hear(probes, monotonicMs) {
      const open = probes.find(({ outcome }) => outcome === 'wrong');
      const missing = probes.find(({ outcome }) => outcome === 'not-proved');
      unproved = missing === undefined ? undefined : `${missing.what}: ${missing.detail}`;
      dueAt = monotonicMs + (missing === undefined ? proofPeriodMs : retryMs);
      return open === undefined
        ? undefined
        : `A probe showed its wall open: ${open.what}: ${open.detail}.`;
    },
    fail(reason, monotonicMs) {
      dueAt = monotonicMs + retryMs;
      unproved = reason;
    },
    unproved: () => unproved,
  };
}
