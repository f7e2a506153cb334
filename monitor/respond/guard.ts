import type { ActionName, Requester } from '../model/action.ts';
import type { ActionKind } from '../model/decision.ts';
import type { ContainerId, Workload } from '../model/workload.ts';
import type { Clock } from '../runtime/clock.ts';
import { coveredBy } from './decision-order.ts';
import type { CapUse, Failure, GuardRails, Verdict } from './guard-rails.ts';
import { isContaining, judge, judgeRetry, takeFromCap } from './guard-rails.ts';

/** Failures remembered for the cool-down; beyond it the oldest are forgotten. */
const failuresKept = 1_000;

/** A refusal, and whether it breaks a promise that the policy made. */
export interface Refusal {
  readonly reason: string;
  readonly promised: boolean;
}

/** Applies the guard rails, and remembers what they need: the cap's use and the failures. */
export interface Guard {
  /**
   * Why the action may not be carried out; undefined when it may. `isSoAlready`: the container is
   * held as deep as that, so that at most it is held again, which takes nothing from the cap.
   */
  refuse(
    name: ActionName,
    requester: Requester,
    workload: Workload,
    isSoAlready: boolean,
  ): Refusal | undefined;
  /**
   * Why it is too early for the policy to try this after a failure; undefined when it is not. What is
   * stronger than what failed does not wait.
   */
  refuseEarly(name: ActionKind, container: ContainerId): Refusal | undefined;
  /** Whether upkeep may act on the container now. */
  mayKeepUp(container: ContainerId): boolean;
  /** An action on the container ended; a containing one that failed starts a cool-down. */
  ended(name: ActionName, container: ContainerId, well: boolean): void;
}

/** A guard with nothing used and nothing failed. */
export function createGuard(rails: GuardRails, clock: Clock): Guard {
  let use: CapUse = [];
  const failures = new Map<ContainerId, Failure>();

  function coolDown(container: ContainerId): Verdict {
    return judgeRetry(rails, failures.get(container), clock.monotonic());
  }

  function takeOne(): Verdict {
    const taken = takeFromCap(rails.cap, use, clock.monotonic());
    use = taken.use;
    return taken.verdict;
  }

  return {
    refuse(name, requester, workload, isSoAlready) {
      const verdict = judge(rails, name, requester, workload);
      if (verdict.kind === 'refused') return { reason: verdict.reason, promised: false };
      if (requester.kind !== 'policy' || !isContaining(name) || isSoAlready) return undefined;
      const cap = takeOne();
      return cap.kind === 'refused' ? { reason: cap.reason, promised: true } : undefined;
    },
    refuseEarly(name, container) {
      const failure = failures.get(container);
      if (failure === undefined || !isContaining(name)) return undefined;
      if (coveredBy(name, [failure.name]) === undefined) return undefined;
      const verdict = coolDown(container);
      return verdict.kind === 'refused' ? { reason: verdict.reason, promised: true } : undefined;
    },
    mayKeepUp: (container) => coolDown(container).kind === 'allowed',
    ended(name, container, well) {
      if (!isContaining(name)) return;
      failures.delete(container);
      if (well) return;
      failures.set(container, { name, at: clock.monotonic() });
      for (const oldest of failures.keys()) {
        if (failures.size <= failuresKept) break;
        failures.delete(oldest);
      }
    },
  };
}
