import { useEffect, useState, type ReactElement } from 'react';
import { Badge } from '../../components/badge.tsx';
import { sensorName, sightWords } from '../../components/coverage-badges.tsx';
import { Section } from '../../components/section.tsx';
import { dateAndTime } from '../../format/duration.ts';
import { oneLine } from '../../format/plain-text.ts';
import {
  actionHeadline,
  actionProof,
  outcomeTone,
  outcomeWords,
  requesterWords,
} from '../../words/action-sentence.ts';
import { decisionSentence } from '../../words/decision-sentence.ts';
import type { TimelineEntry, WorkloadView } from '../../state/model.ts';
import { useStore, useView } from '../../state/use-store.ts';
import styles from './container.module.css';

const mostEntries = 200;

/** From a reading that failed to the next, milliseconds. */
const againMs = 5000;

/** What happened to it, newest first. */
export function Timeline({ view }: { readonly view: WorkloadView }): ReactElement {
  const store = useStore();
  const { key, name } = view.workload;
  const [entries, setEntries] = useState<readonly TimelineEntry[]>();
  const [failure, setFailure] = useState<string>();
  // Any of these growing means that there is more to tell.
  const findings = useView((state) => state.findings);
  const actions = useView((state) => state.actions);
  const decisions = useView((state) => state.decisions);
  useEffect(() => {
    let left = false;
    let timer = setTimeout(() => void read(), 200);
    async function read(): Promise<void> {
      const reply = await store.call('timeline', { workload: key, limit: mostEntries });
      if (left) return;
      if (reply.ok) setEntries(reply.value);
      else timer = setTimeout(() => void read(), againMs);
      setFailure(reply.ok ? undefined : reply.error.message);
    }
    return () => {
      left = true;
      clearTimeout(timer);
    };
  }, [store, key, findings, actions, decisions, view.coverage]);
  return (
    <Section title="Timeline" flush>
      {failure === undefined ? null : (
        <p className={styles.empty} role="alert">
          The record cannot be read: {oneLine(failure)}
        </p>
      )}
      {entries?.length === 0 ? (
        <p className={styles.empty}>Nothing has happened that is worth a line.</p>
      ) : null}
      {entries === undefined && failure === undefined ? (
        <p className={styles.empty}>Reading the record…</p>
      ) : null}
      <ol className={styles.timeline} tabIndex={0} aria-label="Events, newest first">
        {entries?.map((entry, index) => (
          <li key={index} className={styles.event}>
            <time dateTime={new Date(entry.at).toISOString()}>
              {dateAndTime(entry.at, Date.now())}
            </time>
            <Entry entry={entry} name={name} />
          </li>
        ))}
      </ol>
    </Section>
  );
}

function Entry({
  entry,
  name,
}: {
  readonly entry: TimelineEntry;
  readonly name: string;
}): ReactElement {
  switch (entry.kind) {
    case 'finding':
      return (
        <p>
          <Badge tone={entry.finding.severity}>{entry.finding.severity}</Badge>{' '}
          {oneLine(entry.finding.sentence, 400)}
        </p>
      );
    case 'decision':
      return <p className={styles.soft}>{oneLine(decisionSentence(entry.decision), 300)}</p>;
    case 'action':
      return (
        <p>
          <Badge tone={outcomeTone(entry.action)}>{outcomeWords[entry.action.outcome.state]}</Badge>{' '}
          {oneLine(actionHeadline(entry.action, name))}{' '}
          <span className={styles.soft}>
            {oneLine(`${requesterWords(entry.action)}. ${actionProof(entry.action)}`, 400)}
          </span>
        </p>
      );
    case 'coverage':
      return (
        <p className={styles.soft}>
          {sensorName(entry.coverage)}: {oneLine(sightWords(entry.coverage), 300)}
        </p>
      );
  }
}
