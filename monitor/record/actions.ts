import { z } from 'zod';

import type { Action, ActionOutcome, Requester } from '../model/action.ts';
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

const requester: z.ZodType<Requester> = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('policy'), decision: z.string(), rule: z.string() }),
  z.object({ kind: z.literal('person') }),
  z.object({ kind: z.literal('upkeep'), reason: z.string() }),
]);

const outcome: z.ZodType<ActionOutcome> = z.discriminatedUnion('state', [
  z.object({ state: z.literal('started') }),
  z.object({ state: z.literal('would-have') }),
  z.object({ state: z.literal('proved'), proof: z.string() }),
  z.object({ state: z.literal('partly'), proof: z.string(), holes: z.array(z.string()) }),
  z.object({ state: z.literal('refused'), reason: z.string() }),
  z.object({ state: z.literal('failed'), reason: z.string() }),
]);

const actionSchema: z.ZodType<Action> = z.object({
  id: z.string(),
  name: z.enum(['notify', 'pause', 'kill', 'stop', 'limit', 'quarantine', 'resume', 'release']),
  workload: z.string(),
  container: z.string(),
  requester,
  startedAt: moment,
  finishedAt: absent(moment),
  outcome,
});

/** Which actions to list; members left out do not narrow. `since` is about when they started. */
export interface ActionFilter {
  readonly workload?: WorkloadKey;
  readonly since?: Moment;
  /** At most 1,000. */
  readonly limit: number;
}

/**
 * What was done to containers. An action is put as `started` before anything is done, and again
 * with its outcome. It is on the disk when `put` returns.
 */
export interface ActionRecords {
  /** Puts an action; the one put last under an id stays. */
  put(action: Action): Result<void, StoreError>;
  /** Newest first. Rows that cannot be read are left out and counted. */
  list(filter: ActionFilter): Result<readonly Action[], StoreError>;
  /** Those begun with no outcome known, oldest first, at most 1,000: what a crash cut short. */
  unfinished(): Result<readonly Action[], StoreError>;
}

/** Over the table of actions; rows that cannot be read are counted in `refused` and left out. */
export function openActions(database: Database, refused: RefusedRows): ActionRecords {
  const write = database.prepare(`
    INSERT INTO actions (id, workload, state, at, body) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (id) DO UPDATE SET workload = excluded.workload, state = excluded.state,
      at = excluded.at, body = excluded.body
  `);
  const select = database.prepare(`
    SELECT body FROM actions
    WHERE (?1 IS NULL OR workload = ?1) AND (?2 IS NULL OR at >= ?2)
    ORDER BY at DESC, rowid DESC LIMIT ?3
  `);
  const selectUnfinished = database.prepare(
    `SELECT body FROM actions WHERE state = 'started' ORDER BY at, rowid LIMIT 1000`,
  );

  function decode(row: Record<string, unknown>): Action[] {
    const action = decodeBody('actions', row['body'], actionSchema, refused);
    return action === undefined ? [] : [action];
  }

  return {
    put(action) {
      const wanted = 'The action was not recorded';
      const body = encodeBody(wanted, action);
      if (!body.ok) return body;
      return database.durably(wanted, () => {
        const { id, workload, startedAt } = action;
        write.run(id, workload, action.outcome.state, wholeMoment(startedAt), body.value);
      });
    },
    list: ({ workload, since, limit }) =>
      database.attempt('The actions were not read', () =>
        select.all(workload ?? null, since ?? null, boundedLimit(limit)).flatMap(decode),
      ),
    unfinished: () =>
      database.attempt('The unfinished actions were not read', () =>
        selectUnfinished.all().flatMap(decode),
      ),
  };
}
