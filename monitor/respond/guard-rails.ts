import type { ActionName, Requester } from '../model/action.ts';
import { tightens } from '../model/action.ts';
import type { ActionKind } from '../model/decision.ts';
import { isOwn } from '../model/own-container.ts';
import type { Milliseconds } from '../model/time.ts';
import type { Workload } from '../model/workload.ts';

/** What the responder may not do, whatever a rule says. */
export interface GuardRails {
  /** In the watched selection. */
  readonly isWatched: (workload: Workload) => boolean;
  /** Never acted on by the policy; a person may. */
  readonly isProtected: (workload: Workload) => boolean;
  /** Containing actions by the policy over all containers, in any `windowMs`. */
  readonly cap: { readonly actions: number; readonly windowMs: Milliseconds };
  /** After an action on a container failed, the next one by policy or upkeep waits this long. */
  readonly retryCoolDownMs: Milliseconds;
}

/** Everything watched, nothing protected, six containing actions a minute, 5 s after a failure. */
export const defaultGuardRails: GuardRails = {
  isWatched: () => true,
  isProtected: () => false,
  cap: { actions: 6, windowMs: 60_000 },
  retryCoolDownMs: 5_000,
};

export type Verdict =
  { readonly kind: 'allowed' } | { readonly kind: 'refused'; readonly reason: string };

const allowed: Verdict = { kind: 'allowed' };

/** True for what is done to the container itself and takes something from it. */
export function isContaining(name: ActionName): name is Exclude<ActionKind, 'notify'> {
  return name !== 'notify' && tightens(name);
}

/**
 * Whether the action may be carried out on this workload at all. What gives freedom back is always
 * allowed, and so is a notice. Sentra never acts on its own container, nor outside the selection;
 * on protected ones only a person does.
 */
export function judge(
  rails: GuardRails,
  name: ActionName,
  requester: Requester,
  workload: Workload,
): Verdict {
  if (!isContaining(name)) return allowed;
  if (isOwn(workload)) return refused("It is Sentra's own container, the helper.");
  switch (requester.kind) {
    case 'upkeep':
      return allowed;
    case 'person':
      return rails.isWatched(workload)
        ? allowed
        : refused('It is not in the watched selection; add it there first.');
    case 'policy':
      if (!rails.isWatched(workload)) return refused('It is not in the watched selection.');
      return rails.isProtected(workload)
        ? refused('It is protected: the policy never acts on it.')
        : allowed;
  }
}

/** The times, in monotonic milliseconds, at which actions were taken from the cap. */
export type CapUse = readonly number[];

/**
 * Takes one containing action from the cap at the monotonic time `at`. The refusal says how many
 * there were and when there is room again.
 */
export function takeFromCap(
  cap: GuardRails['cap'],
  use: CapUse,
  at: number,
): { readonly verdict: Verdict; readonly use: CapUse } {
  const recent = use.filter((taken) => taken > at - cap.windowMs);
  const [oldest] = recent;
  if (recent.length < cap.actions) return { verdict: allowed, use: [...recent, at] };
  const roomInMs = oldest === undefined ? cap.windowMs : oldest + cap.windowMs - at;
  return {
    verdict: refused(
      `The cap of ${cap.actions} containing actions in ${seconds(cap.windowMs)} is reached; there is room again in ${seconds(roomInMs)}. Not done yet: it is tried again then if what led to it still goes on. Act by hand, or raise the cap.`,
    ),
    use: recent,
  };
}

/** A containing action that failed, and when (monotonic milliseconds). */
export interface Failure {
  readonly name: ActionKind;
  readonly at: number;
}

/** Whether it is too early, at the monotonic time `at`, to act again after `failure`. */
export function judgeRetry(rails: GuardRails, failure: Failure | undefined, at: number): Verdict {
  if (failure === undefined || at - failure.at >= rails.retryCoolDownMs) return allowed;
  return refused(
    `${failure.name} failed on it ${seconds(at - failure.at)} ago; it is tried again after ${seconds(rails.retryCoolDownMs)}.`,
  );
}

function refused(reason: string): Verdict {
  return { kind: 'refused', reason };
}

function seconds(span: Milliseconds): string {
  return `${Math.ceil(span / 1000)} s`;
}
