import { useMemo, useState, type ReactElement } from 'react';
import { Chart } from '../../components/chart.tsx';
import { Choice } from '../../components/choice.tsx';
import { Notice } from '../../components/notice.tsx';
import { byteRate, bytes } from '../../format/bytes.ts';
import { cores, grouped } from '../../format/number.ts';
import { oneLine } from '../../format/plain-text.ts';
import type { WorkloadView } from '../../state/model.ts';
import { useNow } from '../../state/use-now.ts';
import { useView } from '../../state/use-store.ts';
import hidden from '../../styles/hidden.module.css';
import styles from './container.module.css';
import { useHistory, type Span } from './use-history.ts';

const spans = {
  '5m': { label: '5 min', lengthMs: 300_000, resolution: 'second' },
  '1h': { label: '1 h', lengthMs: 3_600_000, resolution: 'second' },
  '24h': { label: '24 h', lengthMs: 86_400_000, resolution: 'minute' },
  '7d': { label: '7 d', lengthMs: 604_800_000, resolution: 'hour' },
} as const satisfies Record<string, Span>;

type SpanName = keyof typeof spans;

const options = (Object.keys(spans) as SpanName[]).map((value) => ({
  value,
  label: spans[value].label,
}));

/** What the container uses, and used: four charts on one time axis. */
export function Charts({ view }: { readonly view: WorkloadView }): ReactElement {
  const [name, setName] = useState<SpanName>('5m');
  const span = spans[name];
  const { columns, learned, state } = useHistory(view, span);
  const findings = useView((all) => all.findings);
  const now = useNow(span.resolution === 'second' ? 1000 : 30_000);
  const { key } = view.workload;
  const markers = useMemo(
    () =>
      [...findings.values()]
        .filter(({ workload, severity }) => workload === key && severity !== 'info')
        .map(({ onsetAt, severity }) => ({ at: onsetAt / 1000, tone: severity })),
    [findings, key],
  );
  const to = Math.max(now, (columns.at.at(-1) ?? 0) * 1000) / 1000;
  const shared = { at: columns.at, markers, to, from: to - span.lengthMs / 1000 };
  const lines = useMemo(() => {
    const column = (series: string) => columns.series[series] ?? [];
    return {
      cpu: [{ label: 'CPU', colour: 'cpu', values: column('cpuCores') }],
      memory: [
        { label: 'Anonymous', colour: 'memory', values: column('anonymousBytes') },
        { label: 'All', colour: 'received', values: column('memoryBytes') },
      ],
      network: [
        { label: 'Sent', colour: 'sent', values: column('sentBytes') },
        { label: 'Received', colour: 'received', values: column('receivedBytes') },
      ],
      pids: [{ label: 'Processes', colour: 'cpu', values: column('pids') }],
    } as const;
  }, [columns]);
  return (
    <>
      <h2 className={hidden.hidden}>Use over time</h2>
      <div className={styles.chartTools}>
        <Choice label="Time shown" options={options} value={name} onChange={setName} />
        <span className={styles.legend}>
          <span className={styles.band} aria-hidden="true" /> learned range, for the first line
        </span>
        {state === 'loading' ? <span role="status">Reading the past…</span> : null}
      </div>
      {typeof state === 'object' ? (
        <Notice tone="warning" title="The past cannot be read.">
          {oneLine(state.error)} The charts begin now.
        </Notice>
      ) : null}
      <div className={styles.charts}>
        <Chart
          title="CPU"
          lines={lines.cpu}
          learned={learned.get('cpuCores')}
          format={cores}
          floor={0.1}
          {...shared}
        />
        <Chart
          title="Memory"
          lines={lines.memory}
          learned={learned.get('anonymousBytes')}
          format={bytes}
          floor={64e6}
          {...shared}
        />
        <Chart
          title="Network"
          lines={lines.network}
          learned={learned.get('sentBytes')}
          format={byteRate}
          floor={8192}
          {...shared}
        />
        <Chart
          title="Processes and threads"
          lines={lines.pids}
          learned={learned.get('pids')}
          format={grouped}
          floor={10}
          {...shared}
        />
      </div>
    </>
  );
}
