import { z } from 'zod';

import type { Decision } from '../model/decision.ts';
import type { Moment } from '../model/time.ts';
import type { WorkloadKey } from '../model/workload.ts';
import type { Result } from '../runtime/result.ts';
import type { Database } from './database.ts';
import { plannedActionSchema } from './planned-action.ts';
import { boundedLimit, decodeBody, encodeBody, moment, wholeMoment } from './stored-document.ts';
import type { RefusedRows } from './stored-document.ts';
import type { StoreError } from './store-error.ts';

const decisionSchema: z.ZodType<Decision> = z.object({
  id: z.string(),
  rule: z.string(),
  finding: z.string(),
  workload: z.string(),
  container: z.string(),
  mode: z.enum(['observe', 'enforce']),
  actions: z.array(plannedActionSchema),
  heldSince: moment,
  at: moment,
  muted: z.literal(true).exactOptional(),
});

/** Which decisions to list; members left out do not narrow. */
export interface DecisionFilter {
  /** The id of the finding they were about. */
  readonly finding?: string;
  readonly workload?: WorkloadKey;
  readonly since?: Moment;
  /** At most 1,000. */
  readonly limit: number;
}

/** What the policy decided. Survives SIGKILL once `put` has returned. */
export interface DecisionRecords {
  /** Puts a decision; one with the same id is replaced. */
  put(decision: Decision): Result<void, StoreError>;
  /** Newest first. Rows that cannot be read are left out and counted. */
  list(filter: DecisionFilter): Result<readonly Decision[], StoreError>;
}

/** Over the table of decisions; unreadable rows are counted in `refused` and left out. */
export function openDecisions(database: Database, refused: RefusedRows): DecisionRecords {
  const write = database.prepare(`
    INSERT INTO decisions (id, finding, workload, at, body) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (id) DO UPDATE SET finding = excluded.finding, workload = excluded.workload,
      at = excluded.at, body = excluded.body
  `);
  const select = database.prepare(`
    SELECT body FROM decisions
    WHERE (?1 IS NULL OR finding = ?1) AND (?2 IS NULL OR workload = ?2) AND (?3 IS NULL OR at >= ?3)
    ORDER BY at DESC, rowid DESC LIMIT ?4
  `);

  return {
    put(decision) {
      const wanted = 'The decision was not recorded';
      const body = encodeBody(wanted, decision);
      if (!body.ok) return body;
      return database.attempt(wanted, () => {
        const { id, finding, workload, at } = decision;
        write.run(id, finding, workload, wholeMoment(at), body.value);
      });
    },
    list: ({ finding, workload, since, limit }) =>
      database.attempt('The decisions were not read', () =>
        select
          .all(finding ?? null, workload ?? null, since ?? null, boundedLimit(limit))
          .flatMap(({ body }) => decodeBody('decisions', body, decisionSchema, refused) ?? []),
      ),
  };
}
