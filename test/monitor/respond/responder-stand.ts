import type { Action } from '../../../monitor/model/action.ts';
import type { Containment } from '../../../monitor/model/containment.ts';
import type { Decision, PlannedAction, PolicyMode } from '../../../monitor/model/decision.ts';
import type { Workload } from '../../../monitor/model/workload.ts';
import {
  createResponder,
  type Responder,
  type ResponderOptions,
} from '../../../monitor/respond/responder.ts';
import { defaultTries } from '../../../monitor/respond/response-context.ts';
import type { ResponseRecord, Restored } from '../../../monitor/respond/response-record.ts';
import { silentLogger } from '../../../monitor/runtime/logger.ts';
import type { Clock } from '../../../monitor/runtime/clock.ts';

/** A clock that moves only when somebody sleeps or moves it. */
export interface HandClock extends Clock {
  move(milliseconds: number): void;
}

export function createHandClock(start = 1_700_000_000_000): HandClock {
  let elapsed = 0;
  return {
    now: () => start + elapsed,
    monotonic: () => elapsed,
    sleep: async (milliseconds) => {
      elapsed += milliseconds;
      await Promise.resolve();
    },
    move(milliseconds) {
      elapsed += milliseconds;
    },
  };
}

/** A record in memory that outlives the responder, as the file outlives the process. */
export interface MemoryRecord extends ResponseRecord {
  readonly actions: Map<string, Action>;
  readonly containments: Map<string, Containment>;
  /** Every state that an action was written in, oldest first. */
  readonly written: string[];
  /** While set, every write throws it. */
  trouble: Error | undefined;
  restored(): Restored;
}

export function createMemoryRecord(): MemoryRecord {
  const actions = new Map<string, Action>();
  const containments = new Map<string, Containment>();
  const written: string[] = [];
  let postponed: Restored['postponed'] = [];
  const record: MemoryRecord = {
    actions,
    containments,
    written,
    trouble: undefined,
    putAction(action) {
      if (record.trouble !== undefined) throw record.trouble;
      written.push(`${action.name} ${action.outcome.state}`);
      actions.set(action.id, structuredClone(action));
    },
    putContainment(containment) {
      if (record.trouble !== undefined) throw record.trouble;
      containments.set(containment.container, structuredClone(containment));
    },
    removeContainment(container) {
      if (record.trouble !== undefined) throw record.trouble;
      containments.delete(container);
    },
    putPostponed(waiting) {
      if (record.trouble !== undefined) throw record.trouble;
      postponed = structuredClone(waiting);
    },
    restored: () => ({
      containments: [...containments.values()],
      unfinished: [...actions.values()].filter(({ outcome }) => outcome.state === 'started'),
      postponed,
    }),
  };
  return record;
}

let decisions = 0;

/** A decision about this workload. */
export function decide(
  workload: Workload,
  actions: readonly PlannedAction[],
  mode: PolicyMode = 'enforce',
): Decision {
  decisions += 1;
  return {
    id: `decision-${decisions}`,
    rule: 'runaway',
    finding: 'finding-1',
    workload: workload.key,
    container: workload.container,
    mode,
    actions,
    heldSince: 0,
    at: 0,
  };
}

/** A responder over these parts, quiet, with what the record holds. */
export function respondWith(
  options: Pick<ResponderOptions, 'engine' | 'clock'> &
    Partial<ResponderOptions> & { readonly record: MemoryRecord },
): Responder {
  return createResponder({
    logger: silentLogger,
    restored: options.record.restored(),
    // A clock moved by hand would run out of patience at once.
    tries: { ...defaultTries, patienceMs: Number.POSITIVE_INFINITY },
    ...options,
  });
}

/** What an action came to, in one text: the state first. */
export function told(action: Action | undefined): string {
  if (action === undefined) return 'nothing';
  const { outcome } = action;
  switch (outcome.state) {
    case 'started':
    case 'would-have':
      return outcome.state;
    case 'proved':
      return `proved: ${outcome.proof}`;
    case 'partly':
      return `partly: ${outcome.proof} [${outcome.holes.join(' | ')}]`;
    case 'refused':
    case 'failed':
      return `${outcome.state}: ${outcome.reason}`;
  }
}
