import { randomUUID } from 'node:crypto';
import type { Action, ActionName, ActionOutcome, Requester } from '../model/action.ts';
import type { Containment } from '../model/containment.ts';
import type { ContainerId } from '../model/workload.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Logger } from '../runtime/logger.ts';
import { messageOf } from '../runtime/logger.ts';
import type { ResponseRecord, Restored } from './response-record.ts';
import type { Subject } from './subject.ts';

/** Action writes that wait for the record to work again; beyond it the oldest are lost. */
const unsavedActionsKept = 5_000;

/** Writes that wait for the record to work again, and writes that were given up. */
export interface Unrecorded {
  readonly unsaved: number;
  readonly lost: number;
}

/** What is held and what was done: in memory, and written through to the record. */
export interface Ledger {
  containments(): readonly Containment[];
  containmentOf(container: ContainerId): Containment | undefined;
  /** Writes the containment down, over an earlier one of the same container. */
  keep(containment: Containment): void;
  /** The container is held no more. */
  close(container: ContainerId): void;
  /** Writes a `started` action, before anything is asked of the engine. */
  begin(name: ActionName, subject: Subject, requester: Requester): Action;
  /** Writes how it ended. */
  finish(action: Action, outcome: ActionOutcome): Action;
  /** Writes what would have been done: it never begins, so that nobody finds it begun. */
  observe(name: ActionName, subject: Subject, requester: Requester): Action;
  /** Actions that an earlier run began and did not finish, all or those of one container. */
  unfinished(container?: ContainerId): readonly Action[];
  /** Tries again what the record did not take. */
  saveAgain(): Unrecorded;
  unrecorded(): Unrecorded;
}

/** A ledger that goes on from what was restored. It never throws for the record's sake. */
export function createLedger(options: {
  readonly record: ResponseRecord;
  readonly restored: Restored;
  readonly clock: Clock;
  readonly logger: Logger;
}): Ledger {
  const { record, clock, logger } = options;
  const held = new Map(options.restored.containments.map((item) => [item.container, item]));
  const begun = new Map(options.restored.unfinished.map((item) => [item.id, item]));
  const unsaved = new Map<string, () => void>();
  let lost = 0;

  function save(key: string, write: () => void): void {
    const isFirst = !unsaved.delete(key);
    try {
      write();
    } catch (error) {
      // Disk full, file locked: holding a container must not wait for it, so it is kept for later.
      const words = `The record did not take ${key}: ${messageOf(error)} It is tried again.`;
      if (isFirst) logger.error(words);
      else logger.debug(words);
      unsaved.set(key, write);
      dropOldestActions();
    }
  }

  function dropOldestActions(): void {
    for (const key of unsaved.keys()) {
      if (unsaved.size <= unsavedActionsKept) return;
      if (!key.startsWith('action ')) continue;
      unsaved.delete(key);
      lost += 1;
    }
  }

  function putAction(action: Action): Action {
    save(`action ${action.id}`, () => record.putAction(action));
    return action;
  }

  function startOf(name: ActionName, subject: Subject, requester: Requester): Action {
    return {
      id: randomUUID(),
      name,
      workload: subject.workload,
      container: subject.container,
      requester,
      startedAt: clock.now(),
      finishedAt: undefined,
      outcome: { state: 'started' },
    };
  }

  return {
    containments: () => [...held.values()],
    containmentOf: (container) => held.get(container),
    keep(containment) {
      held.set(containment.container, containment);
      save(`containment ${containment.container}`, () => record.putContainment(containment));
    },
    close(container) {
      if (!held.delete(container)) return;
      save(`containment ${container}`, () => record.removeContainment(container));
    },
    begin: (name, subject, requester) => putAction(startOf(name, subject, requester)),
    observe(name, subject, requester) {
      const action = startOf(name, subject, requester);
      return putAction({
        ...action,
        finishedAt: action.startedAt,
        outcome: { state: 'would-have' },
      });
    },
    finish(action, outcome) {
      begun.delete(action.id);
      return putAction({ ...action, finishedAt: clock.now(), outcome });
    },
    unfinished: (container) =>
      [...begun.values()].filter((item) => container === undefined || item.container === container),
    saveAgain() {
      for (const [key, write] of [...unsaved]) save(key, write);
      return this.unrecorded();
    },
    unrecorded: () => ({ unsaved: unsaved.size, lost }),
  };
}
