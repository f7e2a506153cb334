import type { EgressProbe } from '../../model/egress.ts';
import type { Milliseconds } from '../../model/time.ts';

/** When a container's wall is proved next, and what the last proof said. */
export interface Heartbeat {
  /** The wall was put up anew: proved with the next beat. */
  hurry(): void;
  /** The container started, or has other networks: an allowed name is asked with the next beat. */
  moved(): void;
  isDue(monotonicMs: Milliseconds): boolean;
  /** Which of the allowed names is asked with the beat at that time; undefined for none. */
  nameFor(allowed: readonly string[], monotonicMs: Milliseconds): string | undefined;
  /**
   * Takes the result in, and whether an allowed name was asked. A sentence when something got out;
   * that, and what could not be proved, is kept for the badge.
   */
  hear(
    probes: readonly EgressProbe[],
    hasAsked: boolean,
    monotonicMs: Milliseconds,
  ): string | undefined;
  /** The proof did not run at all. */
  fail(reason: string, monotonicMs: Milliseconds): void;
  unproved(): string | undefined;
}

/** From proof to proof while nothing changes. */
export const proofPeriodMs: Milliseconds = 300_000;

/** From question to question about an allowed name: each is one to a name server out there. */
const namePeriodMs: Milliseconds = 3_600_000;

/** What was found open, or could not be proved, is tried again sooner. */
const retryMs: Milliseconds = 15_000;

/** Due at once. */
export function createHeartbeat(periodMs: Milliseconds): Heartbeat {
  let dueAt = -Infinity;
  let nameDueAt = -Infinity;
  /** How many allowed names were asked with success. */
  let turn = 0;
  let unproved: string | undefined;

  return {
    hurry() {
      dueAt = -Infinity;
    },
    moved() {
      nameDueAt = -Infinity;
    },
    isDue: (monotonicMs) => monotonicMs >= dueAt,
    nameFor: (allowed, monotonicMs) =>
      monotonicMs < nameDueAt ? undefined : allowed[turn % allowed.length],
    hear(probes, hasAsked, monotonicMs) {
      const open = probes.find(({ outcome }) => outcome === 'wrong');
      const missing = open ?? probes.find(({ outcome }) => outcome === 'not-proved');
      unproved = missing === undefined ? undefined : `${missing.what}: ${missing.detail}`;
      dueAt = monotonicMs + (missing === undefined ? periodMs : Math.min(periodMs, retryMs));
      if (hasAsked && missing === undefined) {
        nameDueAt = monotonicMs + namePeriodMs;
        turn += 1;
      }
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
