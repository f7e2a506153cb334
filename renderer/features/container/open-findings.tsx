import type { ReactElement } from 'react';
import { Badge } from '../../components/badge.tsx';
import { Section } from '../../components/section.tsx';
import { relativeTime } from '../../format/duration.ts';
import { oneLine } from '../../format/plain-text.ts';
import type { ContainerId } from '../../state/model.ts';
import { useNow } from '../../state/use-now.ts';
import { useStore, useView } from '../../state/use-store.ts';
import styles from './container.module.css';

/** What is not normal for it now. */
export function OpenFindings({
  container,
}: {
  readonly container: ContainerId;
}): ReactElement | null {
  const store = useStore();
  const findings = useView((state) => state.findings);
  const now = useNow(1000);
  const open = [...findings.values()].filter(
    (finding) => finding.container === container && finding.status === 'open',
  );
  if (open.length === 0) return null;
  return (
    <Section title="Open findings" flush>
      {open.map(({ id, severity, sentence, onsetAt }) => (
        <button
          key={id}
          type="button"
          className={styles.finding}
          onClick={() => store.go({ screen: 'findings', finding: id })}
        >
          <Badge tone={severity}>{severity}</Badge>
          <span className={styles.sentence}>{oneLine(sentence, 600)}</span>
          <span>{relativeTime(onsetAt, now)}</span>
        </button>
      ))}
    </Section>
  );
}
