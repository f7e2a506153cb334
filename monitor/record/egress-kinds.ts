import { z } from 'zod';
import { refusedKinds, type RefusedKind, type SeenKind } from '../model/egress.ts';
import type { Moment } from '../model/time.ts';
import type { WorkloadKey } from '../model/workload.ts';
import { ok } from '../runtime/result.ts';
import type { Result } from '../runtime/result.ts';
import { addToHour } from './hourly-rows.ts';
import type { Database } from './database.ts';
import { wholeMoment } from './stored-document.ts';
import type { RefusedRows } from './stored-document.ts';
import type { StoreError } from './store-error.ts';

const hourMs = 3_600_000;

/** What each workload was refused without a destination, by the hour. */
export interface EgressKindRecords {
  add(refused: {
    readonly workload: WorkloadKey;
    readonly at: Moment;
    readonly kinds: readonly RefusedKind[];
  }): Result<void, StoreError>;
  /** Since the hour of `since`, with the hours added up; the latest first. */
  list(workload: WorkloadKey, since: Moment): Result<readonly SeenKind[], StoreError>;
}

const row = z.object({
  kind: z.enum(refusedKinds),
  packets: z.number(),
  first_seen: z.number(),
  last_seen: z.number(),
});

/** Over the table of kinds; unreadable rows are counted in `refusedRows` and left out. */
export function openEgressKinds(database: Database, refusedRows: RefusedRows): EgressKindRecords {
  const update = database.prepare(`
    UPDATE egress_kinds SET packets = packets + ?4, last_seen = max(last_seen, ?5)
    WHERE workload = ?1 AND hour = ?2 AND kind = ?3
  `);
  const insert = database.prepare(`
    INSERT INTO egress_kinds (workload, hour, kind, packets, first_seen, last_seen)
    VALUES (?1, ?2, ?3, ?4, ?5, ?5)
  `);
  const select = database.prepare(`
    SELECT kind, sum(packets) AS packets,
      min(first_seen) AS first_seen, max(last_seen) AS last_seen
    FROM egress_kinds WHERE workload = ? AND hour >= ?
    GROUP BY kind ORDER BY last_seen DESC, kind
  `);

  const startOfHour = (at: Moment): number => Math.floor(at / hourMs) * hourMs;

  return {
    add({ workload, at, kinds }) {
      if (kinds.length === 0) return ok(undefined);
      return database.transaction('What was refused was not recorded', () => {
        const rows = kinds.map(({ kind, packets }) => {
          return [workload, startOfHour(at), kind, packets, wholeMoment(at)];
        });
        addToHour({ update, insert }, rows, refusedKinds.length);
      });
    },
    list: (workload, since) =>
      database.attempt('What was refused was not read', () =>
        select.all(workload, startOfHour(since)).flatMap((each) => {
          const parsed = row.safeParse(each);
          if (parsed.success) {
            const { kind, packets, first_seen: firstSeenAt, last_seen: lastSeenAt } = parsed.data;
            return [{ kind, packets, firstSeenAt, lastSeenAt }];
          }
          refusedRows.add('egress_kinds', z.prettifyError(parsed.error));
          return [];
        }),
      ),
  };
}
