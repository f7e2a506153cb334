import { z } from 'zod';

import type { AskedName, SeenName } from '../model/egress.ts';
import type { Moment } from '../model/time.ts';
import type { WorkloadKey } from '../model/workload.ts';
import { ok } from '../runtime/result.ts';
import type { Result } from '../runtime/result.ts';
import { addToHour } from './hourly-rows.ts';
import type { Database } from './database.ts';
import { wholeMoment } from './stored-document.ts';
import type { RefusedRows } from './stored-document.ts';
import type { StoreError } from './store-error.ts';

/**
 * Of one workload in one hour, of those that were let through and of those that were not each, so that
 * neither crowds out the other; beyond it only those that are known already are counted on.
 */
export const mostNamesAnHour = 500;

const hourMs = 3_600_000;

/** Which names each workload asked for, by the hour. */
export interface EgressNameRecords {
  /** Returns how many found no place any more. */
  add(asked: {
    readonly workload: WorkloadKey;
    readonly at: Moment;
    readonly names: readonly AskedName[];
  }): Result<number, StoreError>;
  /**
   * Since the hour of `since`, with the hours added up; the latest asked first, at most `limit`: all of
   * them, or those alone that were refused or held.
   */
  list(
    workload: WorkloadKey,
    since: Moment,
    limit: number,
    which?: 'all' | 'kept-back',
  ): Result<readonly SeenName[], StoreError>;
}

const row = z.object({
  name: z.string(),
  asked: z.number(),
  answered: z.number(),
  refused: z.number(),
  held: z.number(),
  first_seen: z.number(),
  last_seen: z.number(),
});

/** Over the table of names; unreadable rows are counted in `refusedRows` and left out. */
export function openEgressNames(database: Database, refusedRows: RefusedRows): EgressNameRecords {
  const update = database.prepare(`
    UPDATE egress_names SET asked = asked + ?4, answered = answered + ?5,
      refused = refused + ?6, held = held + ?7, last_seen = max(last_seen, ?8)
    WHERE workload = ?1 AND hour = ?2 AND name = ?3
  `);
  const insert = database.prepare(`
    INSERT INTO egress_names
      (workload, hour, name, asked, answered, refused, held, first_seen, last_seen)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8)
  `);
  const count = database.prepare(`
    SELECT count(*) AS rows, coalesce(sum(refused + held > 0), 0) AS kept_back
    FROM egress_names WHERE workload = ? AND hour = ?
  `);
  const selecting = (having: string) =>
    database.prepare(`
    SELECT name, sum(asked) AS asked, sum(answered) AS answered,
      sum(refused) AS refused, sum(held) AS held,
      min(first_seen) AS first_seen, max(last_seen) AS last_seen
    FROM egress_names WHERE workload = ? AND hour >= ?
    GROUP BY name ${having} ORDER BY last_seen DESC, refused DESC, name LIMIT ?
  `);
  const select = {
    all: selecting(''),
    'kept-back': selecting('HAVING sum(refused + held) > 0'),
  };

  const startOfHour = (at: Moment): number => Math.floor(at / hourMs) * hourMs;

  return {
    add({ workload, at, names }) {
      if (names.length === 0) return ok(0);
      return database.transaction('Which names were asked was not recorded', () => {
        const hour = startOfHour(at);
        const known = count.get(workload, hour);
        const keptBack = Number(known?.['kept_back'] ?? 0);
        const letThrough = Number(known?.['rows'] ?? 0) - keptBack;
        const addAll = (refused: boolean, present: number): number => {
          const rows = names
            .filter((each) => each.refused === refused)
            .map((each) => [workload, hour, each.name, ...countsOf(each), wholeMoment(at)]);
          return addToHour({ update, insert }, rows, mostNamesAnHour - present);
        };
        return addAll(true, keptBack) + addAll(false, letThrough);
      });
    },
    list: (workload, since, limit, which = 'all') =>
      database.attempt('Which names were asked was not read', () =>
        select[which].all(workload, startOfHour(since), limit).flatMap((each) => {
          const parsed = row.safeParse(each);
          if (parsed.success) return [nameOf(parsed.data)];
          refusedRows.add('egress_names', z.prettifyError(parsed.error));
          return [];
        }),
      ),
  };
}

/** Asked, answered, refused, held. */
function countsOf({ count, answered = 0, refused, held }: AskedName): readonly number[] {
  if (!refused) return [count, answered, 0, 0];
  return held === true ? [count, 0, 0, count] : [count, 0, count, 0];
}

function nameOf(each: z.infer<typeof row>): SeenName {
  const { name, asked, answered, refused, held } = each;
  const { first_seen: firstSeenAt, last_seen: lastSeenAt } = each;
  return { name, asked, answered, refused, held, firstSeenAt, lastSeenAt };
}
