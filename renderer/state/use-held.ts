import { useCallback, useEffect, useState } from 'react';
import type { HeldQuestion } from './model.ts';
import { useStore, useView } from './use-store.ts';

/** What is held, with all that helps to decide; read anew whenever it is another. */
export function useHeld(): readonly [
  readonly HeldQuestion[],
  (questions: readonly HeldQuestion[]) => void,
] {
  const store = useStore();
  const held = useView((state) => state.monitor?.held);
  const [questions, setQuestions] = useState<readonly HeldQuestion[]>([]);
  useEffect(() => {
    let left = false;
    if ((held?.length ?? 0) === 0) setQuestions([]);
    else {
      void store.call('egressHeld', {}).then((reply) => {
        if (!left && reply.ok) setQuestions(reply.value.questions);
      });
    }
    return () => {
      left = true;
    };
  }, [store, held]);
  return [questions, useCallback((next) => setQuestions(next), [])];
}
