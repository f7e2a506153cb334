import { useCallback, useEffect, useState } from 'react';
import type { PolicyText } from './model.ts';
import { useStore, useView } from './use-store.ts';

/** The policy's text as last read. */
export type PolicyReading =
  | { readonly state: 'reading' }
  | { readonly state: 'read'; readonly text: PolicyText }
  | { readonly state: 'failed'; readonly message: string };

/** The policy, read anew whenever another is in force; and what puts in a newer answer. */
export function usePolicyText(): readonly [PolicyReading, (text: PolicyText) => void] {
  const store = useStore();
  const inForce = useView((state) => state.monitor?.policy);
  const [reading, setReading] = useState<PolicyReading>({ state: 'reading' });
  useEffect(() => {
    let left = false;
    void store.call('policyText', {}).then((reply) => {
      if (left) return;
      setReading(
        reply.ok
          ? { state: 'read', text: reply.value }
          : { state: 'failed', message: reply.error.message },
      );
    });
    return () => {
      left = true;
    };
  }, [store, inForce]);
  const put = useCallback((text: PolicyText) => setReading({ state: 'read', text }), []);
  return [reading, put];
}
