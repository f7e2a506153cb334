import { useEffect, useState } from 'react';
import type { PolicyProblem } from '../../state/model.ts';
import { useStore } from '../../state/use-store.ts';

/** What the monitor says of a text. */
export interface Checking {
  readonly problems: readonly PolicyProblem[];
  /** Whether what is said is not yet about the text as it is now. */
  readonly pending: boolean;
  /** Why it could not be checked. */
  readonly failure: string | undefined;
}

/** A person who writes pauses for about so long. */
const pauseMs = 350;

/** Has the text checked whenever the person pauses. */
export function useProblems(text: string): Checking {
  const store = useStore();
  const [checked, setChecked] = useState<{ readonly text: string } & Omit<Checking, 'pending'>>();
  useEffect(() => {
    let left = false;
    const timer = setTimeout(() => {
      void store.call('checkPolicy', { text }).then((reply) => {
        if (left) return;
        setChecked({
          text,
          problems: reply.ok ? reply.value.problems : [],
          failure: reply.ok ? undefined : reply.error.message,
        });
      });
    }, pauseMs);
    return () => {
      left = true;
      clearTimeout(timer);
    };
  }, [store, text]);
  const { problems = [], failure } = checked ?? {};
  return { problems, failure, pending: checked?.text !== text };
}
