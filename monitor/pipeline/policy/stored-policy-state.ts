import { z } from 'zod';
import { initialPolicyState, restorePolicyState, type PolicyState } from '../../policy/state.ts';
import type { Store } from '../../record/store.ts';
import type { Losses } from '../losses.ts';

/** Where the policy's memory (holds, cool-downs, what was decided) is kept in the record. */
const policyStateKey = 'policy state';

/** What the policy remembers, over restarts. */
export interface PolicyMemory {
  /** As it was kept last by an earlier run; the initial state when that cannot be read. */
  readonly restored: PolicyState;
  /** Survives SIGKILL when it returns; what fails is counted. */
  keep(state: PolicyState): void;
}

/** The policy's memory in the record. */
export function openPolicyMemory(store: Pick<Store, 'settings'>, losses: Losses): PolicyMemory {
  const stored = store.settings.get(policyStateKey, z.unknown());
  losses.check(stored);
  const state = stored.ok ? restorePolicyState(stored.value) : undefined;
  return {
    restored: state ?? initialPolicyState(),
    keep: (latest) => losses.check(store.settings.set(policyStateKey, latest)),
  };
}
