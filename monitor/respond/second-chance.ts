import type { Action, Requester } from '../model/action.ts';
import type { ActionKind, Decision } from '../model/decision.ts';
import type { ContainerId, Workload } from '../model/workload.ts';
import type { ContainerQueues } from './container-queues.ts';
import { coveredBy } from './decision-order.ts';
import type { Guard } from './guard.ts';
import type { Postponed, PostponedAction } from './postponed.ts';
import type { Subject } from './subject.ts';
import { subjectOf } from './subject.ts';

/** What trying again works with. */
export interface SecondChanceParts {
  readonly postponed: Postponed;
  readonly queues: ContainerQueues;
  readonly guard: Guard;
  readonly isStillWanted: (decision: Decision) => boolean;
  readonly isSoAlready: (kind: ActionKind, container: ContainerId) => boolean;
  /** As known now; undefined where it is not known any more. */
  readonly workloadOf: (container: ContainerId) => Workload | undefined;
  readonly perform: (action: PostponedAction) => Promise<readonly Action[]>;
  readonly refuse: (
    kind: ActionKind,
    subject: Subject,
    requester: Requester,
    reason: string,
  ) => Action;
}

/** Tries again what was postponed. */
export interface SecondChance {
  /**
   * Tries what is due, is still wanted, and has room. Resolves with what was really tried, or is now
   * forbidden for good; what has to wait on is not recorded again.
   */
  take(): Promise<readonly Action[]>;
}

const noLongerWanted =
  'It was put off before Sentra was started again, and is no longer to be done: it is so already, its finding has closed, its rule no longer enforces it, or the container has gone.';

/** Through the same queues and guard rails as the first time. */
export function createSecondChance(parts: SecondChanceParts): SecondChance {
  const { postponed, queues, guard } = parts;
  /** Containers whose turn has come or is waited for: another one would find nothing else. */
  const underWay = new Set<ContainerId>();

  async function takeFor(container: ContainerId): Promise<readonly Action[]> {
    const actions: Action[] = [];
    const done: ActionKind[] = [];
    for (const late of postponed.due(container)) {
      const { request, decision } = late;
      const { kind } = request;
      if (coveredBy(kind, done) !== undefined) continue;
      const known = parts.workloadOf(container);
      const restored = postponed.restored(late);
      // After a start its finding is known again no sooner than the container is.
      if (known === undefined && restored === 'waits') continue;
      const workload = known ?? late.workload;
      const requester = { kind: 'policy', decision: decision.id, rule: decision.rule } as const;
      if (parts.isSoAlready(kind, container) || !parts.isStillWanted(decision)) {
        postponed.drop(late);
        // Nobody else tells of it: what decided it may have ended while Sentra was away.
        if (restored !== 'no') {
          actions.push(parts.refuse(kind, subjectOf(workload), requester, noLongerWanted));
        }
        continue;
      }
      const refusal =
        guard.refuseEarly(kind, container) ?? guard.refuse(kind, requester, workload, false);
      if (refusal?.promised === true) continue;
      if (refusal !== undefined) {
        postponed.drop(late);
        actions.push(parts.refuse(kind, subjectOf(workload), requester, refusal.reason));
        continue;
      }
      const ended = await parts.perform({ ...late, workload });
      actions.push(...ended);
      if (ended.some(({ outcome }) => outcome.state !== 'failed')) done.push(kind);
    }
    return actions;
  }

  async function takeTurn(container: ContainerId): Promise<readonly Action[]> {
    underWay.add(container);
    try {
      const ended = await queues.run(container, () => takeFor(container));
      // A full queue: it stays postponed.
      return ended.ok ? ended.value : [];
    } finally {
      underWay.delete(container);
    }
  }

  return {
    async take() {
      const containers = postponed.containers().filter((container) => !underWay.has(container));
      return (await Promise.all(containers.map(takeTurn))).flat();
    },
  };
}
