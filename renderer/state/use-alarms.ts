import { useCallback, useEffect, useRef, useState } from 'react';
import type { AlarmsView } from './model.ts';
import { useStore } from './use-store.ts';

/** The budget of false alarms as last read. */
export type AlarmsReading =
  | { readonly state: 'reading' }
  | { readonly state: 'read'; readonly view: AlarmsView }
  | { readonly state: 'failed'; readonly message: string };

/** From reading to reading, milliseconds: figures grow with time, and others may set the budget. */
const everyMs = 5000;

/** The budget and what it comes to, read again and again; and what puts in a newer answer. */
export function useAlarms(): readonly [AlarmsReading, (view: AlarmsView) => void] {
  const store = useStore();
  const [reading, setReading] = useState<AlarmsReading>({ state: 'reading' });
  // Grows with each newer answer: a reading that was begun before it is of the past.
  const answers = useRef(0);
  useEffect(() => {
    let left = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    async function read(): Promise<void> {
      const begunAt = answers.current;
      const reply = await store.call('alarms', {});
      if (left) return;
      if (begunAt === answers.current) {
        setReading(
          reply.ok
            ? { state: 'read', view: reply.value }
            : { state: 'failed', message: reply.error.message },
        );
      }
      timer = setTimeout(() => void read(), everyMs);
    }
    void read();
    return () => {
      left = true;
      clearTimeout(timer);
    };
  }, [store]);
  const put = useCallback((view: AlarmsView) => {
    answers.current += 1;
    setReading({ state: 'read', view });
  }, []);
  return [reading, put];
}
