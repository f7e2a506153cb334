import type { ReactElement } from 'react';
import { Badge } from '../../components/badge.tsx';
import { DeedButtons } from '../../components/deed-buttons.tsx';
import { Button } from '../../components/button.tsx';
import { dateAndTime, relativeTime, roughSpan } from '../../format/duration.ts';
import { oneLine } from '../../format/plain-text.ts';
import { containerName } from '../../words/container-name.ts';
import { kindName } from '../../state/finding-list.ts';
import type { Finding } from '../../state/model.ts';
import { useHelp } from '../../state/use-help.ts';
import { useNow } from '../../state/use-now.ts';
import { useStore, useView } from '../../state/use-store.ts';
import { DrawnEvidence } from './drawn-evidence.tsx';
import styles from './findings.module.css';
import { Response } from './response.tsx';
import { Triage } from './triage.tsx';

/** One finding: the sentence, what speaks for it, what was done, and what can be said about it. */
export function FindingDetail({ finding }: { readonly finding: Finding }): ReactElement {
  const store = useStore();
  const view = useView((state) => state.workloads.get(finding.container));
  const workloads = useView((state) => state.workloads);
  const now = useNow(1000);
  const help = useHelp();
  const name = containerName(workloads, finding);
  const over = finding.status === 'closed';
  return (
    // It takes the focus of what goes with the finding's end.
    <article
      className={styles.detail}
      aria-label={`${kindName(finding.kind)}, ${name}`}
      tabIndex={-1}
    >
      <header className={styles.head}>
        <Badge tone={over ? 'plain' : finding.severity}>{finding.severity}</Badge>
        <h2>
          {kindName(finding.kind)} in{' '}
          <button
            type="button"
            className={styles.link}
            onClick={() => store.go({ screen: 'container', container: finding.container })}
          >
            {name}
          </button>
        </h2>
      </header>
      <p className={styles.sentence}>{oneLine(finding.sentence, 1000)}</p>
      <p className={styles.times}>
        {over
          ? `Began ${dateAndTime(finding.onsetAt, now)}, over after ${roughSpan(finding.at - finding.onsetAt)}.`
          : `Began ${dateAndTime(finding.onsetAt, now)}, ${relativeTime(finding.onsetAt, now)}; still so.`}{' '}
        {finding.technique === undefined ? null : (
          <>
            <span>
              MITRE ATT&amp;CK {finding.technique.id} {finding.technique.name}.
            </span>{' '}
            <button type="button" className={styles.link} onClick={() => help('mitre-attack')}>
              What is that?
            </button>
          </>
        )}
      </p>
      {view === undefined || over ? null : (
        <div className={styles.deeds}>
          <DeedButtons view={view} large />
          <Button
            look="quiet"
            onClick={() => store.go({ screen: 'container', container: finding.container })}
          >
            Open {name}
          </Button>
        </div>
      )}
      <DrawnEvidence
        evidence={finding.evidence}
        onsetAt={finding.onsetAt}
        tone={finding.severity}
      />
      <Response finding={finding} name={name} />
      <Triage finding={finding} name={name} />
    </article>
  );
}
