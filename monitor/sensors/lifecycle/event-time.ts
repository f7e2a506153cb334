import type { Moment } from '../../model/time.ts';
import type { Clock } from '../../runtime/clock.ts';

/** Turns the engine's time into the monitor's. */
export interface EventTime {
  /** When the event happened, by the monitor's clock; never in the future. */
  of(timeNano: string): Moment;
  /** The engine's clock now, milliseconds since 1970; undefined while no event has told it. */
  engineNow(): number | undefined;
}

/** A difference between wall clock and monotonic clock that means that somebody set the clock. */
const jumpMs = 1000;

/**
 * Estimates the distance between the engine's clock and ours by its smallest value over the events
 * (the one that was delivered fastest), and starts anew when our clock jumps. So an event that is
 * replayed after an outage keeps the time at which it happened, also from an engine whose clock is
 * off.
 */
export function createEventTime(clock: Clock): EventTime {
  let distance: number | undefined;
  let phase = clock.now() - clock.monotonic();
  return {
    of(timeNano) {
      const now = clock.now();
      const happened = millisecondsOf(timeNano);
      if (!Number.isFinite(happened)) return now;
      const presentPhase = now - clock.monotonic();
      if (Math.abs(presentPhase - phase) > jumpMs) distance = undefined;
      phase = presentPhase;
      const delay = now - happened;
      distance = distance === undefined ? delay : Math.min(distance, delay);
      return Math.min(now, Math.round(happened + distance));
    },
    engineNow: () => (distance === undefined ? undefined : clock.now() - distance),
  };
}

/** Nanoseconds in decimal as milliseconds, by the same clock. NaN when it is not a number. */
export function millisecondsOf(timeNano: string): number {
  return /^\d{1,20}$/.test(timeNano) ? Number(timeNano) / 1e6 : Number.NaN;
}

/** True when `left` is earlier than `right`; both nanoseconds in decimal. */
export function isEarlier(left: string, right: string): boolean {
  return left.length === right.length ? left < right : left.length < right.length;
}
