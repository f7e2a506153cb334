import type { ReactElement } from 'react';
import { Badge } from '../../components/badge.tsx';
import { Section } from '../../components/section.tsx';
import { relativeTime } from '../../format/duration.ts';
import { countOf } from '../../format/number.ts';
import { oneLine } from '../../format/plain-text.ts';
import { byUrgency } from '../../state/finding-list.ts';
import type { Finding, WorkloadView } from '../../state/model.ts';
import { useNow } from '../../state/use-now.ts';
import { useStore, useView } from '../../state/use-store.ts';
import styles from './container.module.css';

/** What is not normal for it now; what is merely recorded is folded away. */
export function OpenFindings({ view }: { readonly view: WorkloadView }): ReactElement | null {
  const { container } = view.workload;
  const findings = useView((state) => state.findings);
  const open = [...findings.values()]
    .filter((finding) => finding.container === container && finding.status === 'open')
    .sort(byUrgency);
  if (open.length === 0) return null;
  const told = open.filter(({ severity }) => severity !== 'info');
  const recorded = open.filter(({ severity }) => severity === 'info');
  return (
    <Section title="Open findings" flush>
      {told.map((finding) => (
        <Line key={finding.id} finding={finding} />
      ))}
      {recorded.length === 0 ? null : (
        <details className={styles.recorded}>
          <summary>{countOf(recorded.length, 'finding')}, recorded only</summary>
          {recorded.map((finding) => (
            <Line key={finding.id} finding={finding} />
          ))}
        </details>
      )}
    </Section>
  );
}

function Line({ finding }: { readonly finding: Finding }): ReactElement {
  const store = useStore();
  const now = useNow(1000);
  const { id, severity, sentence, onsetAt } = finding;
  return (
    <button
      type="button"
      className={styles.finding}
      onClick={() => store.go({ screen: 'findings', finding: id })}
    >
      <Badge tone={severity}>{severity}</Badge>
      <span className={styles.sentence}>{oneLine(sentence, 600)}</span>
      <span>{relativeTime(onsetAt, now)}</span>
    </button>
  );
}
