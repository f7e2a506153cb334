import type { Moment } from './time.ts';
import type { ContainerId, WorkloadKey } from './workload.ts';

/** Observe: say what would have been done. Enforce: do it. */
export type PolicyMode = 'observe' | 'enforce';

/** Something a rule asks for. */
export type PlannedAction =
  | { readonly kind: 'notify' }
  /** Freeze, and detach from all networks: see respond/containment. */
  | { readonly kind: 'pause' }
  | { readonly kind: 'kill' }
  | { readonly kind: 'stop'; readonly graceSeconds: number }
  | {
      readonly kind: 'limit';
      readonly cpus: number | undefined;
      readonly memoryBytes: number | undefined;
      readonly pids: number | undefined;
    }
  /** Detach from all networks, keep running. */
  | { readonly kind: 'quarantine' };

export type ActionKind = PlannedAction['kind'];

/** What the policy makes of a finding. */
export interface Decision {
  readonly id: string;
  readonly rule: string;
  readonly finding: string;
  readonly workload: WorkloadKey;
  readonly container: ContainerId;
  readonly mode: PolicyMode;
  readonly actions: readonly PlannedAction[];
  /** When the rule's condition first held for this finding. */
  readonly heldSince: Moment;
  readonly at: Moment;
  /**
   * The person had muted the finding's kind for the workload, and the decision only tells (or, in
   * observe mode, would only have acted): nobody is to be notified.
   */
  readonly muted?: true;
}
