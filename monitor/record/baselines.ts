import { z } from 'zod';

import type { Baseline } from '../model/baseline.ts';
import type { WorkloadKey } from '../model/workload.ts';
import type { Result } from '../runtime/result.ts';
import type { Database } from './database.ts';
import { decodeBody, encodeBody, moment } from './stored-document.ts';
import type { RefusedRows } from './stored-document.ts';
import type { StoreError } from './store-error.ts';
import type { WorkloadIds } from './workloads.ts';

const baselineSchema: z.ZodType<Baseline> = z.object({
  workload: z.string(),
  version: z.number(),
  updatedAt: moment,
  state: z.unknown(),
});

/** What has been learned, one baseline a workload. */
export interface BaselineRecords {
  put(baseline: Baseline): Result<void, StoreError>;
  /** Puts all of them in one transaction: far cheaper than one by one. */
  putAll(baselines: readonly Baseline[]): Result<void, StoreError>;
  /** Undefined when nothing was learned, or when what is stored cannot be read (then counted). */
  get(workload: WorkloadKey): Result<Baseline | undefined, StoreError>;
  /** The workload that was seen last of those whose key begins with `prefix`, if it has a baseline. */
  latestWith(prefix: string): Result<Baseline | undefined, StoreError>;
}

/** Over the table of baselines; one that cannot be read is counted in `refused` and learned anew. */
export function openBaselines(
  database: Database,
  refused: RefusedRows,
  ids: WorkloadIds,
): BaselineRecords {
  const write = database.prepare(`
    INSERT INTO baselines (workload, body) VALUES (?, ?)
    ON CONFLICT (workload) DO UPDATE SET body = excluded.body
  `);
  const select = database.prepare('SELECT body FROM baselines WHERE workload = ?');
  const selectLatest = database.prepare(`
    SELECT baselines.body FROM baselines JOIN workloads ON workloads.id = baselines.workload
    WHERE substr(workloads.key, 1, length(?1)) = ?1
    ORDER BY workloads.last_seen DESC, workloads.id DESC LIMIT 1
  `);

  function putAll(baselines: readonly Baseline[]): Result<void, StoreError> {
    const wanted = 'The baseline was not recorded';
    const bodies: string[] = [];
    for (const baseline of baselines) {
      const body = encodeBody(wanted, baseline);
      if (!body.ok) return body;
      bodies.push(body.value);
    }
    const written = database.transaction(wanted, () => {
      for (const [index, baseline] of baselines.entries()) {
        write.run(ids.findOrCreate(baseline.workload, baseline.updatedAt), bodies[index] ?? '');
      }
    });
    if (!written.ok) ids.forget();
    return written;
  }

  return {
    put: (baseline) => putAll([baseline]),
    putAll,
    get: (workload) =>
      database.attempt('The baseline was not read', () => {
        const id = ids.find(workload);
        const row = id === undefined ? undefined : select.get(id);
        return row && decodeBody('baselines', row['body'], baselineSchema, refused);
      }),
    latestWith: (prefix) =>
      database.attempt('The baseline was not read', () => {
        const row = selectLatest.get(prefix);
        return row && decodeBody('baselines', row['body'], baselineSchema, refused);
      }),
  };
}
