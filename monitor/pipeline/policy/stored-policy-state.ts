import { z } from 'zod';
import { initialPolicyState, restorePolicyState, type PolicyState } from '../../policy/state.ts';
import type { Store } from '../../record/store.ts';
import type { Losses } from '../losses.ts';

/** Where the policy's memory (holds, cool-downs, what was decided) is kept in the record. */
export const policyStateKey = 'policy state';

/** What the policy remembered when it was last saved; nothing when that cannot be read. */
export function restoredPolicyState(store: Store, losses: Losses): PolicyState {
  const stored = store.settings.get(policyStateKey, z.unknown());
  losses.check(stored);
  const state = stored.ok ? restorePolicyState(stored.value) : undefined;
  return state ?? initialPolicyState();
}
