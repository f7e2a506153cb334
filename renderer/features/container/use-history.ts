import { useEffect, useState } from 'react';
import type { History, WorkloadView } from '../../state/model.ts';
import { appendReading, emptyColumns, type Columns } from '../../state/columns.ts';
import { useStore, useView } from '../../state/use-store.ts';

/** How much of the past the charts show, and how finely it is read. */
export interface Span {
  readonly label: string;
  readonly lengthMs: number;
  readonly resolution: 'second' | 'minute' | 'hour';
}

/** The series the charts show, in the order of the columns. */
export const shownSeries = [
  'cpuCores',
  'memoryBytes',
  'anonymousBytes',
  'receivedBytes',
  'sentBytes',
  'pids',
] as const;

/** What the charts show, and why there is none of the past if so. */
export interface Charted {
  readonly columns: Columns;
  readonly learned: ReadonlyMap<string, { readonly low: number; readonly high: number }>;
  readonly state: 'loading' | 'ready' | { readonly error: string };
}

const refreshMs = 60_000;

/** The past of a container as columns, with what is read now put at the end. */
export function useHistory({ workload, learning }: WorkloadView, span: Span): Charted {
  const store = useStore();
  const monitor = useView((state) => state.monitor?.startedAt);
  const { key, container } = workload;
  const [charted, setCharted] = useState<Charted>({
    columns: emptyColumns(shownSeries),
    learned: new Map(),
    state: 'loading',
  });

  useEffect(() => {
    let left = false;
    let timer: number | undefined;
    async function read() {
      const to = Date.now();
      const reply = await store.call('history', {
        workload: key,
        from: to - span.lengthMs,
        to,
        resolution: span.resolution,
        series: [...shownSeries],
      });
      if (left) return;
      setCharted((before) =>
        reply.ok ? ready(reply.value) : { ...before, state: { error: reply.error.message } },
      );
      // By the second the readings come by themselves; coarser spans, and what failed, are read again.
      if (span.resolution !== 'second' || !reply.ok)
        timer = window.setTimeout(() => void read(), refreshMs);
    }
    void read();
    const stop = store.onEvent((event) => {
      if (span.resolution !== 'second') return;
      if (event.kind !== 'monitor' || event.event.kind !== 'observations') return;
      for (const observation of event.event.observations) {
        if (observation.kind !== 'resource' || observation.container !== container) continue;
        const oldest = observation.at - span.lengthMs;
        setCharted((before) => ({
          ...before,
          columns: appendReading(before.columns, observation, oldest),
        }));
      }
    });
    return () => {
      left = true;
      clearTimeout(timer);
      stop();
    };
    // What is normal is known from the moment on in which it is learned; and another monitor may
    // answer where the one before was away.
  }, [store, monitor, key, container, span, learning.state]);
  return charted;
}

function ready({ at, series }: History): Charted {
  return {
    columns: {
      at: at.map((moment) => moment / 1000),
      series: Object.fromEntries(series.map(({ name, mean }) => [name, mean])),
    },
    learned: new Map(
      series.flatMap(({ name, learned }) => (learned === undefined ? [] : [[name, learned]])),
    ),
    state: 'ready',
  };
}
