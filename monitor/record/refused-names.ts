import { z } from 'zod';

import type { AskedName, RefusedName } from '../model/egress.ts';
import type { Moment } from '../model/time.ts';
import type { WorkloadKey } from '../model/workload.ts';
import { ok } from '../runtime/result.ts';
import type { Result } from '../runtime/result.ts';
import { addToHour } from './hourly-rows.ts';
import type { Database } from './database.ts';
import { wholeMoment } from './stored-document.ts';
import type { RefusedRows } from './stored-document.ts';
import type { StoreError } from './store-error.ts';

/** Of one workload in one hour; beyond it only those that are known already are counted on. */
export const mostNamesAnHour = 500;

const hourMs = 3_600_000;

/** Names that no workload was let through to, by the hour. */
export interface RefusedNameRecords {
  /** Adds those that were refused or held; returns how many found no place any more. */
  add(asked: {
    readonly workload: WorkloadKey;
    readonly at: Moment;
    readonly names: readonly AskedName[];
  }): Result<number, StoreError>;
  /** Since the hour of `since`, with the hours added up; the latest asked first, at most `limit`. */
  list(
    workload: WorkloadKey,
    since: Moment,
    limit: number,
  ): Result<readonly RefusedName[], StoreError>;
}

const row = z.object({
  name: z.string(),
  refused: z.number(),
  held: z.number(),
  first_seen: z.number(),
  last_seen: z.number(),
});

/** Over the table of refused names; unreadable rows are counted in `refusedRows` and left out. */
export function openRefusedNames(database: Database, refusedRows: RefusedRows): RefusedNameRecords {
  const update = database.prepare(`
    UPDATE egress_names SET
      refused = refused + ?4, held = held + ?5, last_seen = max(last_seen, ?6)
    WHERE workload = ?1 AND hour = ?2 AND name = ?3
  `);
  const insert = database.prepare(`
    INSERT INTO egress_names (workload, hour, name, refused, held, first_seen, last_seen)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6)
  `);
  const count = database.prepare(
    'SELECT count(*) AS rows FROM egress_names WHERE workload = ? AND hour = ?',
  );
  const select = database.prepare(`
    SELECT name, sum(refused) AS refused, sum(held) AS held,
      min(first_seen) AS first_seen, max(last_seen) AS last_seen
    FROM egress_names WHERE workload = ? AND hour >= ?
    GROUP BY name ORDER BY last_seen DESC, refused DESC, name LIMIT ?
  `);

  const startOfHour = (at: Moment): number => Math.floor(at / hourMs) * hourMs;

  return {
    add({ workload, at, names }) {
      const refused = names.filter((each) => each.refused);
      if (refused.length === 0) return ok(0);
      return database.transaction('Which names were refused was not recorded', () => {
        const hour = startOfHour(at);
        const room = mostNamesAnHour - Number(count.get(workload, hour)?.['rows'] ?? 0);
        const rows = refused.map(({ name, count: questions, held }) => {
          const counts = held === true ? [0, questions] : [questions, 0];
          return [workload, hour, name, ...counts, wholeMoment(at)];
        });
        return addToHour({ update, insert }, rows, room);
      });
    },
    list: (workload, since, limit) =>
      database.attempt('Which names were refused was not read', () =>
        select.all(workload, startOfHour(since), limit).flatMap((each) => {
          const parsed = row.safeParse(each);
          if (parsed.success) return [nameOf(parsed.data)];
          refusedRows.add('egress_names', z.prettifyError(parsed.error));
          return [];
        }),
      ),
  };
}

function nameOf(each: z.infer<typeof row>): RefusedName {
  const { name, refused, held, first_seen: firstSeenAt, last_seen: lastSeenAt } = each;
  return { name, refused, held, firstSeenAt, lastSeenAt };
}
