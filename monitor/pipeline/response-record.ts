import type { Action } from '../model/action.ts';
import type { Store } from '../record/store.ts';
import type { ResponseRecord, Restored } from '../respond/response-record.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Result } from '../runtime/result.ts';

function must(result: Result<unknown, { readonly message: string }>): void {
  // The responder keeps what is not written and tries again.
  if (!result.ok) throw new Error(result.error.message);
}

/** The record as the responder writes it; `onAction` hears of every action, written or not. */
export function createRecordOfResponse(
  store: Store,
  onAction: (action: Action) => void,
): ResponseRecord {
  return {
    putAction(action) {
      try {
        must(store.actions.put(action));
      } finally {
        onAction(action);
      }
    },
    putContainment: (containment) => must(store.containments.put(containment)),
    removeContainment: (container) => must(store.containments.remove(container)),
  };
}

/** What an earlier run left: held containers and unfinished actions. */
export function restoredFrom(store: Store, logger: Logger): Restored {
  const containments = store.containments.all();
  const unfinished = store.actions.unfinished();
  if (!containments.ok) logger.error(containments.error.message);
  if (!unfinished.ok) logger.error(unfinished.error.message);
  return {
    containments: containments.ok ? containments.value : [],
    unfinished: unfinished.ok ? unfinished.value : [],
  };
}
