import { useCallback, useEffect, useRef, useState } from 'react';
import type { ContainerId, EgressSeen, EgressView } from './model.ts';
import { useStore } from './use-store.ts';

/** A container's egress as last read. */
export type EgressReading =
  | { readonly state: 'reading' }
  | { readonly state: 'read'; readonly view: EgressView; readonly seen: EgressSeen | undefined }
  | { readonly state: 'failed'; readonly message: string };

/** From reading to reading while nothing happens, milliseconds. */
const everyMs = 5000;

/** Back from now, in hours. */
const pastHours = 24;

/** The egress of a container, read anew as it changes; and what puts in a newer answer. */
export function useEgress(
  container: ContainerId,
): readonly [EgressReading, (view: EgressView) => void] {
  const store = useStore();
  const [reading, setReading] = useState<EgressReading>({ state: 'reading' });
  // Grows with each newer answer: a reading that was begun before it is of the past.
  const answers = useRef(0);
  useEffect(() => {
    let left = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    async function read(): Promise<void> {
      clearTimeout(timer);
      const target = container;
      const begunAt = answers.current;
      const [view, seen] = await Promise.all([
        store.call('egressList', { target }),
        store.call('egressSeen', { target, hours: pastHours }),
      ]);
      if (left) return;
      if (begunAt === answers.current) {
        setReading(
          view.ok
            ? { state: 'read', view: view.value, seen: seen.ok ? seen.value : undefined }
            : { state: 'failed', message: view.error.message },
        );
      }
      clearTimeout(timer);
      timer = setTimeout(() => void read(), everyMs);
    }
    void read();
    return () => {
      left = true;
      clearTimeout(timer);
    };
  }, [store, container]);
  const put = useCallback((view: EgressView) => {
    answers.current += 1;
    setReading((before) => ({
      state: 'read',
      view,
      seen: before.state === 'read' ? before.seen : undefined,
    }));
  }, []);
  return [reading, put];
}
