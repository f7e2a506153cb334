import { useCallback } from 'react';
import { useStore } from './use-store.ts';

/** Tells the shell that the first day is done with: the look back is offered no more. */
export function useLookedBack(): () => void {
  const store = useStore();
  return useCallback(() => {
    void store.call('lookedBack', {}).then((reply) => {
      if (reply.ok) store.send({ kind: 'shell', shell: reply.value });
    });
  }, [store]);
}
