import type { ReactElement } from 'react';
import { Notice } from '../../components/notice.tsx';
import { dateAndTime, roughSpan } from '../../format/duration.ts';
import { oneLine } from '../../format/plain-text.ts';
import type { Containment, WorkloadView } from '../../state/model.ts';
import { useNow } from '../../state/use-now.ts';

const titles: Readonly<Record<Containment['depth'], string>> = {
  frozen: 'Frozen by Sentra.',
  quarantined: 'Cut off by Sentra.',
  limited: 'Limited by Sentra.',
};

/** What Sentra holds the container by, and what that cannot hold. */
export function HeldNotice({ view }: { readonly view: WorkloadView }): ReactElement | null {
  const now = useNow(5000);
  const { containment } = view;
  if (containment === undefined) return null;
  const { depth, since, undo, holes } = containment;
  const networks = undo.networks.map(({ networkName }) => oneLine(networkName, 60));
  return (
    <Notice
      tone={holes.length > 0 ? 'warning' : 'plain'}
      title={titles[depth]}
      ticking={`It has been so for ${roughSpan(now - since)}.`}
    >
      Since {dateAndTime(since, now)}.
      {networks.length > 0 ? ` Release puts it back on ${networks.join(', ')}.` : ''}
      {holes.length > 0 ? ` This cannot hold: ${oneLine(holes.join('; '), 600)}` : ''}
    </Notice>
  );
}
