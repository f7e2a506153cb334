import { z } from 'zod';

import { evidenceUnits, findingKinds, severities } from '../model/finding.ts';
import type { Finding } from '../model/finding.ts';
import type { Moment } from '../model/time.ts';
import type { WorkloadKey } from '../model/workload.ts';
import type { Result } from '../runtime/result.ts';
import type { Database } from './database.ts';
import {
  absent,
  boundedLimit,
  decodeBody,
  encodeBody,
  moment,
  wholeMoment,
} from './stored-document.ts';
import type { RefusedRows } from './stored-document.ts';
import type { StoreError } from './store-error.ts';

const evidence = z.object({
  series: z.string(),
  unit: z.enum(evidenceUnits),
  observed: z.number(),
  expected: absent(z.object({ low: z.number(), high: z.number() })),
  recent: z.array(z.object({ at: moment, value: z.number() })).max(1000),
});

const findingSchema: z.ZodType<Finding> = z.object({
  id: z.string(),
  kind: z.enum(findingKinds),
  workload: z.string(),
  container: z.string(),
  status: z.enum(['open', 'closed']),
  severity: z.enum(severities),
  score: z.number(),
  onsetAt: moment,
  at: moment,
  sentence: z.string(),
  evidence: z.array(evidence),
  technique: absent(z.object({ id: z.string(), name: z.string() })),
});

/** A finding as it was put last, and when its first version was taken. */
export interface RecordedFinding {
  readonly finding: Finding;
  readonly firstSeenAt: Moment;
}

/** Which findings to list; members left out do not narrow. `since` is about the latest version. */
export interface FindingFilter {
  readonly status?: Finding['status'];
  readonly workload?: WorkloadKey;
  readonly since?: Moment;
  /** At most 1,000. */
  readonly limit: number;
}

/** The latest version of every finding. Survives SIGKILL once `put` has returned. */
export interface FindingRecords {
  /** Puts a version; the one put last stays. */
  put(finding: Finding): Result<void, StoreError>;
  /** Newest first. Rows that cannot be read are left out and counted. */
  list(filter: FindingFilter): Result<readonly RecordedFinding[], StoreError>;
  get(id: string): Result<RecordedFinding | undefined, StoreError>;
}

/** Over the table of findings; unreadable rows are counted in `refused` and left out. */
export function openFindings(database: Database, refused: RefusedRows): FindingRecords {
  const write = database.prepare(`
    INSERT INTO findings (id, workload, status, at, first_seen, body)
    VALUES (?1, ?2, ?3, ?4, ?4, ?5)
    ON CONFLICT (id) DO UPDATE SET
      workload = excluded.workload, status = excluded.status, at = excluded.at, body = excluded.body
  `);
  const select = database.prepare(`
    SELECT CAST(first_seen AS REAL) AS first_seen, body FROM findings
    WHERE (?1 IS NULL OR status = ?1) AND (?2 IS NULL OR workload = ?2) AND (?3 IS NULL OR at >= ?3)
    ORDER BY at DESC, rowid DESC LIMIT ?4
  `);
  const selectOne = database.prepare(
    'SELECT CAST(first_seen AS REAL) AS first_seen, body FROM findings WHERE id = ?',
  );

  function decode(row: Record<string, unknown>): RecordedFinding[] {
    const finding = decodeBody('findings', row['body'], findingSchema, refused);
    return finding === undefined ? [] : [{ finding, firstSeenAt: Number(row['first_seen']) }];
  }

  return {
    put(finding) {
      const wanted = 'The finding was not recorded';
      const body = encodeBody(wanted, finding);
      if (!body.ok) return body;
      return database.attempt(wanted, () => {
        const { id, workload, status, at } = finding;
        write.run(id, workload, status, wholeMoment(at), body.value);
      });
    },
    list: ({ status, workload, since, limit }) =>
      database.attempt('The findings were not read', () =>
        select
          .all(status ?? null, workload ?? null, since ?? null, boundedLimit(limit))
          .flatMap(decode),
      ),
    get: (id) =>
      database.attempt('The finding was not read', () => {
        const row = selectOne.get(id);
        return row === undefined ? undefined : decode(row)[0];
      }),
  };
}
