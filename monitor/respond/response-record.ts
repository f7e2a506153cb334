import type { Action } from '../model/action.ts';
import type { Containment } from '../model/containment.ts';
import type { ContainerId } from '../model/workload.ts';
import type { PostponedAction } from './postponed.ts';

/**
 * What the responder asks of the record. Every call has been made durable when it returns; one that
 * throws (a full disk, say) is tried again later, and does not keep a container from being held.
 */
export interface ResponseRecord {
  /** Writes the action, or writes over the one with the same id. */
  putAction(action: Action): void;
  /** Writes the containment, or writes over the one of the same container. */
  putContainment(containment: Containment): void;
  /** Forgets the containment; no error when there is none. */
  removeContainment(container: ContainerId): void;
  /** Writes what is put off and waits to be tried again, over what was written before. */
  putPostponed(actions: readonly PostponedAction[]): void;
}

/** What an earlier run left behind in the record. */
export interface Restored {
  readonly containments: readonly Containment[];
  /** Actions that are still `started`, in the order of their start. */
  readonly unfinished: readonly Action[];
  /** What was put off and not carried out yet. */
  readonly postponed: readonly PostponedAction[];
}

/** A monitor that begins with nothing held, begun or put off. */
export const nothingRestored: Restored = { containments: [], unfinished: [], postponed: [] };
