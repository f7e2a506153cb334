import { z } from 'zod';

import { sensorNames } from '../model/coverage.ts';
import type { Sight } from '../model/coverage.ts';
import type { CoverageObservation } from '../model/observation.ts';
import type { Moment } from '../model/time.ts';
import type { WorkloadKey } from '../model/workload.ts';
import type { Result } from '../runtime/result.ts';
import type { Database } from './database.ts';
import { boundedLimit, decodeBody, encodeBody, moment, wholeMoment } from './stored-document.ts';
import type { RefusedRows } from './stored-document.ts';
import type { StoreError } from './store-error.ts';

const sight: z.ZodType<Sight> = z.discriminatedUnion('state', [
  z.object({ state: z.literal('starting') }),
  z.object({
    state: z.literal('seeing'),
    limits: z.array(z.string()).optional(),
    unguarded: z.literal(true).optional(),
  }),
  z.object({
    state: z.literal('partly'),
    reason: z.string(),
    limits: z.array(z.string()).optional(),
  }),
  z.object({
    state: z.literal('blind'),
    reason: z.string(),
    lasting: z.literal(true).optional(),
  }),
  z.object({ state: z.literal('on-demand') }),
]);

const observationSchema: z.ZodType<CoverageObservation> = z.object({
  kind: z.literal('coverage'),
  workload: z.string(),
  container: z.string(),
  at: moment,
  coverage: z.object({
    sensor: z.enum(sensorNames),
    sight,
    since: moment,
    dropped: z.number(),
  }),
});

/** Which changes to list; members left out do not narrow. */
export interface CoverageFilter {
  readonly workload?: WorkloadKey;
  readonly since?: Moment;
  /** At most 1,000. */
  readonly limit: number;
}

/** When each sensor began and ceased to see a container. */
export interface CoverageRecords {
  put(observation: CoverageObservation): Result<void, StoreError>;
  /** Newest first. Rows that cannot be read are left out and counted. */
  list(filter: CoverageFilter): Result<readonly CoverageObservation[], StoreError>;
}

/** Over the table of coverage; unreadable rows are counted in `refused` and left out. */
export function openCoverage(database: Database, refused: RefusedRows): CoverageRecords {
  const write = database.prepare('INSERT INTO coverage (workload, at, body) VALUES (?, ?, ?)');
  const select = database.prepare(`
    SELECT body FROM coverage WHERE (?1 IS NULL OR workload = ?1) AND (?2 IS NULL OR at >= ?2)
    ORDER BY at DESC, id DESC LIMIT ?3
  `);

  return {
    put(observation) {
      const wanted = 'The change of coverage was not recorded';
      const body = encodeBody(wanted, observation);
      if (!body.ok) return body;
      return database.attempt(wanted, () => {
        write.run(observation.workload, wholeMoment(observation.at), body.value);
      });
    },
    list: ({ workload, since, limit }) =>
      database.attempt('The changes of coverage were not read', () =>
        select
          .all(workload ?? null, since ?? null, boundedLimit(limit))
          .flatMap(({ body }) => decodeBody('coverage', body, observationSchema, refused) ?? []),
      ),
  };
}
