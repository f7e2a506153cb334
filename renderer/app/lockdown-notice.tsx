import type { ReactElement } from 'react';
import { Button } from '../components/button.tsx';
import { Notice } from '../components/notice.tsx';
import { dateAndTime } from '../format/duration.ts';
import { oneLine } from '../format/plain-text.ts';
import { useStore, useView } from '../state/use-store.ts';

/** Says that everything is cut off, and names what no wall closes. Nothing while lists hold. */
export function LockdownNotice(): ReactElement | null {
  const store = useStore();
  const lockdown = useView((state) => state.monitor?.lockdown);
  const workloads = useView((state) => state.workloads);
  if (lockdown === undefined) return null;
  const open = [...workloads.values()].flatMap(({ workload, coverage }) => {
    const sight = coverage.find(({ sensor }) => sensor === 'egress')?.sight;
    return sight?.state === 'blind' ? [oneLine(workload.name, 60)] : [];
  });
  return (
    <Notice
      tone="warning"
      title="Locked down."
      buttons={
        <Button onClick={() => store.send({ kind: 'ask-to-lift', open: true })}>
          Lift lock down
        </Button>
      }
    >
      The egress of all watched containers is cut since {dateAndTime(lockdown.since, Date.now())},
      by {oneLine(lockdown.by, 80)}.
      {open.length === 0 ? null : ` NOT cut off: ${open.slice(0, 5).join(', ')}.`}
    </Notice>
  );
}
