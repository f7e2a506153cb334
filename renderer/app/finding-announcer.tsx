import { useEffect, useState, type ReactElement } from 'react';
import { oneLine } from '../format/plain-text.ts';
import { useStore } from '../state/use-store.ts';

/** Reads out findings that open while the window does: the grave ones at once, the others in turn. */
export function FindingAnnouncer(): ReactElement {
  const store = useStore();
  const [said, setSaid] = useState({ grave: '', other: '' });
  useEffect(
    () =>
      store.onEvent((event) => {
        if (event.kind !== 'monitor' || event.event.kind !== 'finding') return;
        const { finding } = event.event;
        const known = store.getState().findings.get(finding.id);
        if (finding.status !== 'open' || finding.severity === 'info') return;
        if (known?.status === 'open' && known.severity === finding.severity) return;
        const name = store.getState().workloads.get(finding.container)?.workload.name ?? '';
        const text = oneLine(`${finding.severity} finding, ${name}: ${finding.sentence}`);
        const isGrave = finding.severity === 'critical' || finding.severity === 'high';
        setSaid((before) => (isGrave ? { ...before, grave: text } : { ...before, other: text }));
      }),
    [store],
  );
  return (
    <>
      <span role="alert">{said.grave}</span>
      <span role="status">{said.other}</span>
    </>
  );
}
