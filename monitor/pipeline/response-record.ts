import { z } from 'zod';
import type { Action } from '../model/action.ts';
import { severities } from '../model/finding.ts';
import type { Store } from '../record/store.ts';
import type { PostponedAction } from '../respond/postponed.ts';
import type { ResponseRecord, Restored } from '../respond/response-record.ts';
import { decisionSchema, plannedActionSchema, workloadSchema } from '../rpc/schema/model-schema.ts';
import type { Logger } from '../runtime/logger.ts';
import type { StoreError } from '../record/store-error.ts';
import type { Result } from '../runtime/result.ts';

function must(result: Result<unknown, StoreError>): void {
  // The responder keeps what is not written and tries again.
  if (!result.ok) throw new Error(`${result.error.message} ${result.error.advice}`);
}

/** The record as the responder writes it; `onAction` hears once of every action, written or not. */
export function createRecordOfResponse(
  store: Store,
  onAction: (action: Action) => void,
): ResponseRecord {
  /** What is written again because the record did not take it was told before. */
  const told = new WeakSet<Action>();
  return {
    putAction(action) {
      try {
        must(store.actions.put(action));
      } finally {
        if (!told.has(action)) {
          told.add(action);
          onAction(action);
        }
      }
    },
    putContainment: (containment) => must(store.containments.put(containment)),
    removeContainment: (container) => must(store.containments.remove(container)),
    putPostponed: (actions) => must(store.settings.set(postponedKey, actions)),
  };
}

/** Where what is put off is kept in the record. */
const postponedKey = 'postponed actions';

const postponedSchema: z.ZodType<readonly PostponedAction[]> = z.array(
  z.object({
    request: plannedActionSchema,
    decision: decisionSchema,
    workload: workloadSchema,
    severity: z.enum(severities).optional(),
  }) as z.ZodType<PostponedAction>,
);

/** What an earlier run left: held containers, unfinished actions, and what was put off. */
export function restoredFrom(store: Store, logger: Logger): Restored {
  const containments = store.containments.all();
  const unfinished = store.actions.unfinished();
  const postponed = store.settings.get(postponedKey, postponedSchema);
  if (!postponed.ok) logger.error(postponed.error.message);
  if (!containments.ok) logger.error(containments.error.message);
  if (!unfinished.ok) logger.error(unfinished.error.message);
  return {
    containments: containments.ok ? containments.value : [],
    unfinished: unfinished.ok ? unfinished.value : [],
    postponed: postponed.ok ? (postponed.value ?? []) : [],
  };
}
