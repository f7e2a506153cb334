import type { ActionKind, Decision, PlannedAction } from '../model/decision.ts';
import type { Severity } from '../model/finding.ts';
import type { Milliseconds } from '../model/time.ts';
import type { ContainerId, Workload } from '../model/workload.ts';
import type { Clock } from '../runtime/clock.ts';
import { messageOf, type Logger } from '../runtime/logger.ts';
import { byStrength, coveredBy } from './decision-order.ts';
import { isContaining } from './guard-rails.ts';

/** Actions that wait to be tried again; beyond it the oldest are given up, which is said. */
const postponedKept = 1_000;

/** The wait after the first failure, doubled with each further one up to the last. */
const firstWaitMs: Milliseconds = 5_000;
const lastWaitMs: Milliseconds = 300_000;

/** One action of an enforcing decision that could not be carried out yet. */
export interface PostponedAction {
  readonly request: PlannedAction;
  readonly decision: Decision;
  readonly workload: Workload;
  readonly severity: Severity | undefined;
}

/**
 * What the policy decided and the cap, a cool-down or the engine did not let happen. The policy will
 * not decide it again before its own cool-down is over, so that it is tried again from here.
 */
export interface Postponed {
  /** It was refused for now; it may be tried as soon as there is room. */
  refused(action: PostponedAction): void;
  /** It was tried and failed; it waits longer each time. */
  failed(action: PostponedAction): void;
  /** An action of this kind on the container ended well: what it covers waits no more. */
  settled(container: ContainerId, name: ActionKind): void;
  /** Given up: no longer wanted, or no longer allowed. */
  drop(action: PostponedAction): void;
  /** Everything about the container is given up: a person has decided otherwise. */
  forget(container: ContainerId): void;
  /**
   * Whether it is from before Sentra was started again. `waits` while its container need not be known
   * again yet.
   */
  restored(action: PostponedAction): 'no' | 'waits' | 'yes';
  /** The containers of which something waits. */
  containers(): readonly ContainerId[];
  /** What may be tried now on the container, strongest first. */
  due(container: ContainerId): readonly PostponedAction[];
}

interface Entry {
  readonly action: PostponedAction;
  readonly failures: number;
  /** Monotonic milliseconds. */
  readonly notBefore: number;
  /** Monotonic milliseconds by which its container is known, if it is from an earlier run. */
  readonly knownBy: number | undefined;
}

/** After a start all containers are told of within seconds; this is longer than that takes. */
const knownWithinMs: Milliseconds = 60_000;

/** Where what waits is kept, so that a monitor that is started again goes on from it. */
export interface PostponedRecord {
  /** What an earlier run left. */
  readonly restored: readonly PostponedAction[];
  /** Writes all that waits over what was kept before. May throw; it is called again then. */
  readonly keep: (actions: readonly PostponedAction[]) => void;
}

/** With what an earlier run left waiting. */
export function createPostponed(clock: Clock, logger: Logger, record: PostponedRecord): Postponed {
  const entries = new Map<string, Entry>();
  let unwritten = false;

  function write(): void {
    try {
      record.keep([...entries.values()].map(({ action }) => action));
      unwritten = false;
    } catch (error) {
      unwritten = true;
      logger.error(`What is put off could not be recorded: ${messageOf(error)}`);
    }
  }

  function keyOf({ decision, request }: PostponedAction): string {
    return JSON.stringify([decision.container, decision.rule, request.kind]);
  }

  function put(entry: Entry): void {
    if (!isContaining(entry.action.request.kind)) return;
    const key = keyOf(entry.action);
    entries.set(key, entry);
    for (const [oldest, { action }] of entries) {
      if (entries.size <= postponedKept) break;
      entries.delete(oldest);
      const { workload, request } = action;
      logger.error(`${request.kind} of ${workload.name} is given up: too many actions wait.`);
    }
    write();
  }

  function dropWhere(fits: (entry: Entry) => boolean): void {
    const before = entries.size;
    for (const [key, entry] of entries) {
      if (fits(entry)) entries.delete(key);
    }
    if (entries.size < before) write();
  }

  for (const action of record.restored) {
    const now = clock.monotonic();
    const entry = { action, failures: 0, notBefore: now, knownBy: now + knownWithinMs };
    entries.set(keyOf(action), entry);
  }

  return {
    refused(action) {
      const earlier = entries.get(keyOf(action));
      const { failures = 0, notBefore = clock.monotonic() } = earlier ?? {};
      put({ action, failures, notBefore, knownBy: undefined });
    },
    failed(action) {
      const failures = (entries.get(keyOf(action))?.failures ?? 0) + 1;
      const wait = Math.min(firstWaitMs * 2 ** (failures - 1), lastWaitMs);
      put({ action, failures, notBefore: clock.monotonic() + wait, knownBy: undefined });
    },
    settled(container, name) {
      dropWhere(
        ({ action }) =>
          action.decision.container === container &&
          coveredBy(action.request.kind, [name]) !== undefined,
      );
    },
    drop(action) {
      if (entries.delete(keyOf(action))) write();
    },
    forget(container) {
      dropWhere(({ action }) => action.decision.container === container);
    },
    restored(action) {
      const knownBy = entries.get(keyOf(action))?.knownBy;
      if (knownBy === undefined) return 'no';
      return clock.monotonic() < knownBy ? 'waits' : 'yes';
    },
    containers() {
      // Asked every few seconds: by then a record that was busy or full may take it.
      if (unwritten) write();
      return [...new Set([...entries.values()].map(({ action }) => action.decision.container))];
    },
    due(container) {
      const now = clock.monotonic();
      return [...entries.values()]
        .filter(
          ({ action, notBefore }) => action.decision.container === container && notBefore <= now,
        )
        .map(({ action }) => action)
        .sort((a, b) => byStrength(a.request.kind, b.request.kind));
    },
  };
}
