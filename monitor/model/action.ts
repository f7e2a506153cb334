import type { ActionKind } from './decision.ts';
import type { Moment } from './time.ts';
import type { ContainerId, WorkloadKey } from './workload.ts';

/** What can be done to a container: what a rule may ask for, and what a person undoes. */
export type ActionName = ActionKind | 'resume' | 'release';

/** Who asked for it. */
export type Requester =
  | { readonly kind: 'policy'; readonly decision: string; readonly rule: string }
  | { readonly kind: 'person' }
  /** Sentra itself, to keep what was decided before, for example after the engine came back. */
  | { readonly kind: 'upkeep'; readonly reason: string };

/** How it ended. */
export type ActionOutcome =
  /** Begun; what follows is not known yet. After a crash this is what is found. */
  | { readonly state: 'started' }
  /** In observe mode: what would have been done. */
  | { readonly state: 'would-have' }
  /** Done, and read back from the engine. `proof` says what was read. */
  | { readonly state: 'proved'; readonly proof: string }
  /** Done in part; `holes` says what it cannot hold. */
  | { readonly state: 'partly'; readonly proof: string; readonly holes: readonly string[] }
  /** Not done, on purpose: protected, capped, cooling down, already so. */
  | { readonly state: 'refused'; readonly reason: string }
  /** Tried and not done. */
  | { readonly state: 'failed'; readonly reason: string };

/** One line of the record of what was done to a container. */
export interface Action {
  readonly id: string;
  readonly name: ActionName;
  readonly workload: WorkloadKey;
  readonly container: ContainerId;
  readonly requester: Requester;
  readonly startedAt: Moment;
  readonly finishedAt: Moment | undefined;
  readonly outcome: ActionOutcome;
}

/** True for what takes freedom from the container; the rest gives it back. */
export function tightens(name: ActionName): boolean {
  switch (name) {
    case 'notify':
    case 'pause':
    case 'kill':
    case 'stop':
    case 'limit':
    case 'quarantine':
      return true;
    case 'resume':
    case 'release':
      return false;
  }
}
