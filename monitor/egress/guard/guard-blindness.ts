import type { Place } from '../carrier/carrier.ts';
import type { GuardBadge } from './guard-badge.ts';
import type { LookPace } from './look-pace.ts';

/** Tells that nothing is seen of one container: as news, or on its badge alone. */
export interface GuardBlindness {
  /** In the network of that main process it is known to be counted where it talks to; undefined in none. */
  counts(pid: number | undefined): void;
  /** The main process in whose network it is counted. */
  countedFor(): number | undefined;
  /**
   * Nothing is seen of it now: told of like a sensor that failed, unless nobody asked for more than to
   * observe and nothing was ever seen. Then its badge says so, and nobody is troubled.
   */
  tell(reason: string): void;
  /** Nobody gave Sentra the means, or the container has no network of its own; see `tell`. */
  lacks(reason: string): void;
  /**
   * Its network could not be read: what stood, if it did, is taken to stand until the next look, since
   * the container may have ended a moment ago, or the reader has. True when that is so again.
   */
  unread(where: Place, reason: string, stood: boolean): boolean;
  /** It could be read. */
  read(): void;
}

/** Nothing is known to be counted. */
export function createGuardBlindness(
  badge: Pick<GuardBadge, 'blind' | 'unwatched' | 'starting'>,
  pace: Pick<LookPace, 'rest'>,
  isObserving: () => boolean,
): GuardBlindness {
  let countedFor: number | undefined;
  /** The main process in whose network nothing could be read at the last look. */
  let unread: number | undefined;

  /** Whether that was told as news. */
  function show(reason: string): boolean {
    const isNews = !isObserving() || countedFor !== undefined;
    if (isNews) badge.blind(reason);
    else badge.unwatched(reason);
    return isNews;
  }

  function tell(reason: string): void {
    // It is tried again, though not with every round.
    if (!show(reason)) pace.rest();
  }

  return {
    counts(pid) {
      countedFor = pid;
    },
    countedFor: () => countedFor,
    tell,
    lacks(reason) {
      countedFor = undefined;
      show(reason);
    },
    unread(where, reason, stood) {
      const isAgain = unread === where.pid;
      unread = where.pid;
      // What was counted before belongs to an earlier start of the container.
      if (countedFor !== where.pid) countedFor = undefined;
      if ((stood || countedFor !== undefined) && !isAgain) badge.starting();
      else tell(reason);
      return isAgain;
    },
    read() {
      unread = undefined;
    },
  };
}
