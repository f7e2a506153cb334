import { z } from 'zod';

import type { Moment } from '../model/time.ts';
import type { NetworkAttachment, Workload, WorkloadKey } from '../model/workload.ts';
import type { Result } from '../runtime/result.ts';
import type { Database } from './database.ts';
import { absent, decodeBody, encodeBody, moment, wholeMoment } from './stored-document.ts';
import type { RefusedRows } from './stored-document.ts';
import type { StoreError } from './store-error.ts';

const network: z.ZodType<NetworkAttachment> = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('own'), networks: z.array(z.string()) }),
  z.object({ kind: z.literal('host') }),
  z.object({ kind: z.literal('none') }),
  z.object({ kind: z.literal('shared'), with: z.string() }),
]);

const workloadSchema: z.ZodType<Workload> = z.object({
  key: z.string(),
  container: z.string(),
  name: z.string(),
  image: z.string(),
  imageId: z.string().optional(),
  labels: z.record(z.string(), z.string()),
  composeProject: absent(z.string()),
  composeService: absent(z.string()),
  state: z.enum(['created', 'running', 'paused', 'restarting', 'removing', 'exited', 'dead']),
  mainPid: absent(z.number()),
  startedAt: absent(moment),
  restartCount: z.number(),
  network,
  limits: z.object({
    memoryBytes: absent(z.number()),
    cpus: absent(z.number()),
    pids: absent(z.number()),
  }),
  runtime: z.string(),
  restartPolicy: z.string(),
});

/** How many ids are remembered between writes, so that memory stays bounded. */
const rememberedIds = 10_000;

/** A workload as it was put last, with the first and the last time it was put. */
export interface RecordedWorkload {
  readonly workload: Workload;
  readonly firstSeenAt: Moment;
  readonly lastSeenAt: Moment;
}

/** The workloads that were ever watched, one row a key. */
export interface WorkloadRecords {
  /** Puts what is known of a workload at `now`. */
  put(workload: Workload, now: Moment): Result<void, StoreError>;
  /** The 10,000 seen last, newest first. Rows that cannot be read are left out and counted. */
  all(): Result<readonly RecordedWorkload[], StoreError>;
}

/** The small number that stands for a workload in other tables. */
export interface WorkloadIds {
  /** Undefined when the workload was never recorded. Throws what SQLite throws. */
  find(key: WorkloadKey): number | undefined;
  /** Makes a row where there is none. Throws what SQLite throws. */
  findOrCreate(key: WorkloadKey, now: Moment): number;
  /** Forgets what is remembered: rows have been deleted, or a transaction was undone. */
  forget(): void;
}

/** Over the table of workloads: short numbers for their keys, made at first use and kept in memory. */
export function openWorkloadIds(database: Database): WorkloadIds {
  const select = database.prepare('SELECT id FROM workloads WHERE key = ?');
  const create = database.prepare(
    'INSERT INTO workloads (key, first_seen, last_seen) VALUES (?1, ?2, ?2) RETURNING id',
  );
  const remembered = new Map<WorkloadKey, number>();

  function remember(key: WorkloadKey, id: number): number {
    if (remembered.size >= rememberedIds) remembered.clear();
    remembered.set(key, id);
    return id;
  }

  function find(key: WorkloadKey): number | undefined {
    const known = remembered.get(key);
    if (known !== undefined) return known;
    const row = select.get(key);
    return row === undefined ? undefined : remember(key, Number(row['id']));
  }

  return {
    find,
    findOrCreate: (key, now) =>
      find(key) ?? remember(key, Number(create.get(key, wholeMoment(now))?.['id'])),
    forget: () => remembered.clear(),
  };
}

/** Over the same table: what is known of each workload; unreadable rows are counted in `refused`. */
export function openWorkloads(database: Database, refused: RefusedRows): WorkloadRecords {
  const write = database.prepare(`
    INSERT INTO workloads (key, first_seen, last_seen, body) VALUES (?1, ?2, ?2, ?3)
    ON CONFLICT (key) DO UPDATE SET last_seen = excluded.last_seen, body = excluded.body
  `);
  const select = database.prepare(`
    SELECT CAST(first_seen AS REAL) AS first_seen, CAST(last_seen AS REAL) AS last_seen, body
    FROM workloads WHERE body IS NOT NULL ORDER BY workloads.last_seen DESC, id DESC LIMIT 10000
  `);

  return {
    put(workload, now) {
      const wanted = 'The workload was not recorded';
      const body = encodeBody(wanted, workload);
      if (!body.ok) return body;
      return database.attempt(wanted, () => {
        write.run(workload.key, wholeMoment(now), body.value);
      });
    },
    all: () =>
      database.attempt('The workloads were not read', () =>
        select.all().flatMap((row) => {
          const workload = decodeBody('workloads', row['body'], workloadSchema, refused);
          if (workload === undefined) return [];
          const firstSeenAt = Number(row['first_seen']);
          return [{ workload, firstSeenAt, lastSeenAt: Number(row['last_seen']) }];
        }),
      ),
  };
}
