import { useEffect, useRef, useState } from 'react';
import type { PolicyPreview } from './model.ts';
import { useStore } from './use-store.ts';

/** How far a policy has been tried on the recorded past. */
export type Trial =
  | { readonly state: 'none' }
  | { readonly state: 'running'; readonly since: number }
  | { readonly state: 'done'; readonly preview: PolicyPreview }
  | { readonly state: 'failed'; readonly message: string };

const day = 86_400_000;

/**
 * Tries a policy's text on the findings of so many days. `stop` gives it up, and so does leaving the
 * page: the monitor does, too, so that another may be begun at once.
 */
export function useTrial(): {
  readonly trial: Trial;
  readonly run: (text: string, days: number) => Promise<void>;
  readonly stop: () => void;
} {
  const store = useStore();
  const [trial, setTrial] = useState<Trial>({ state: 'none' });
  const turn = useRef(0);
  const runs = useRef(false);
  useEffect(() => {
    runs.current = trial.state === 'running';
  });
  useEffect(
    () => () => {
      turn.current += 1;
      if (runs.current) void store.call('cancelPreview', {});
    },
    [store],
  );
  return {
    trial,
    async run(text, days) {
      turn.current += 1;
      const mine = turn.current;
      const to = Date.now();
      setTrial({ state: 'running', since: to });
      const reply = await store.call('previewPolicy', { text, from: to - days * day, to });
      if (turn.current !== mine) return;
      setTrial(
        reply.ok
          ? { state: 'done', preview: reply.value }
          : { state: 'failed', message: reply.error.message },
      );
    },
    stop() {
      turn.current += 1;
      setTrial({ state: 'none' });
      void store.call('cancelPreview', {});
    },
  };
}
