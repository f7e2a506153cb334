import { z } from 'zod';
import type { Moment } from '../../model/time.ts';

/** Whether a moment at which a rule ends has come. */
export type IsPast = (at: Moment) => boolean;

/** Moments, and how many milliseconds were left until each when it was kept. */
export type StoredDeadlines = readonly (readonly [Moment, number])[];

/** As it crosses the border to the record. */
export const deadlinesSchema: z.ZodType<StoredDeadlines> = z
  .array(z.tuple([z.number(), z.number()]))
  .readonly();

/** Where they are kept from run to run. */
export interface DeadlineRecord {
  read(): StoredDeadlines;
  write(kept: StoredDeadlines): void;
}

/**
 * The ends of rules, by two measures: the machine's clock, and the time that has really passed since a
 * moment was first asked about. Whichever comes first counts, so that a clock that is set back gives no
 * rule more time than it was given. What runs on while Sentra is away is the machine's clock alone; of
 * it and of what was left before, the stricter counts.
 */
export interface Deadlines {
  readonly isPast: IsPast;
  /** Writes what is left of each, for the next run. */
  keep(): void;
}

/** `now` is the machine's clock, `monotonic` never jumps; both in milliseconds. */
export function createDeadlines(
  { now, monotonic }: { readonly now: () => Moment; readonly monotonic: () => number },
  record: DeadlineRecord,
): Deadlines {
  const before = new Map(record.read());
  const ends = new Map<Moment, { readonly end: number; isAsked: boolean }>();
  let kept = 0;

  function endOf(at: Moment): number {
    const known = ends.get(at);
    if (known !== undefined) {
      known.isAsked = true;
      return known.end;
    }
    const end = monotonic() + Math.min(at - now(), before.get(at) ?? Infinity);
    ends.set(at, { end, isAsked: true });
    return end;
  }

  return {
    isPast: (at) => monotonic() >= endOf(at) || now() >= at,
    keep() {
      for (const [at, moment] of ends) {
        // Of a rule for one use the end moves with each look; one that the clock has ahead is kept.
        if (!moment.isAsked && now() >= at) ends.delete(at);
        moment.isAsked = false;
      }
      if (ends.size === 0 && kept === 0) return;
      kept = ends.size;
      record.write([...ends].map(([at, { end }]) => [at, end - monotonic()]));
    },
  };
}
