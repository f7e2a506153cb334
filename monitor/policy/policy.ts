import type { PlannedAction, PolicyMode } from '../model/decision.ts';
import { isOwn } from '../model/own-container.ts';
import { fitsAny } from '../model/selector.ts';
import type { SelectableWorkload, WorkloadPatterns, WorkloadSelector } from '../model/selector.ts';
import type { Milliseconds } from '../model/time.ts';
import type { Condition } from './condition.ts';

/** What to do about which findings, checked and ready to be evaluated. */
export interface Policy {
  readonly version: 1;
  /** What holds for rules that say nothing else. */
  readonly mode: PolicyMode;
  /** Which containers are watched at all; the rest is as if it were not there. */
  readonly watch: WorkloadSelector;
  /** Workloads never acted on; one fit is enough. */
  readonly protect: WorkloadPatterns;
  readonly limits: { readonly actionsPerMinute: number };
  /** In the order of the file; each is evaluated, none shadows another. */
  readonly rules: readonly Rule[];
}

/** One rule: for these workloads, when this holds for so long, do that. */
export interface Rule {
  /** Unique in the policy. */
  readonly name: string;
  /** The line its name stands on, from 1. */
  readonly line: number;
  /** The policy's, unless the rule has its own. */
  readonly mode: PolicyMode;
  readonly workloads: WorkloadSelector;
  readonly condition: Condition;
  readonly hold: Milliseconds;
  readonly actions: readonly PlannedAction[];
  readonly cooldown: Milliseconds;
  /** Changes whenever workloads or condition do: what held under another one is judged anew. */
  readonly fingerprint: string;
}

/** Whether the policy (or being Sentra's own) forbids every action on the container. */
export function isProtected(policy: Policy, workload: SelectableWorkload): boolean {
  return isOwn(workload) || fitsAny(policy.protect, workload);
}

/** What the rule does beyond telling. */
export function containingActions(rule: Rule): readonly PlannedAction[] {
  return rule.actions.filter((action) => action.kind !== 'notify');
}

/** Whether the rule really takes freedom from a container, and not only says that it would. */
export function enforcesContainment(rule: Rule): boolean {
  return rule.mode === 'enforce' && containingActions(rule).length > 0;
}
