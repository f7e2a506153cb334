import type { ReactElement } from 'react';
import { Badge } from '../../components/badge.tsx';
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
import { mostRead } from '../../state/finding-response.ts';
import type { Finding } from '../../state/model.ts';
import { useResponse } from '../../state/use-response.ts';
import styles from './findings.module.css';
import { SilentRules } from './silent-rules.tsx';

/** What was done about it, with the proof; and what the policy made of it. */
export function Response({
  finding,
  name,
}: {
  readonly finding: Finding;
  readonly name: string;
}): ReactElement {
  const [{ decisions, taken, isRead, isWhole }, failure] = useResponse(finding);
  return (
    <>
      <section aria-label="What was done" className={styles.part}>
        <h3>What was done</h3>
        {isWhole && taken.length > 0 ? null : (
          <p className={styles.soft}>
            {isWhole
              ? 'Nothing was done about it.'
              : isRead
                ? `Only the latest ${mostRead} entries of its workload were looked at: there may be more.`
                : failure === undefined
                  ? 'Reading what was done…'
                  : `What was done cannot be read: ${oneLine(failure, 300)}`}
          </p>
        )}
        {taken.length === 0 ? null : (
          <ul className={styles.lines}>
            {taken.map((action) => (
              <li key={action.id}>
                <Badge tone={outcomeTone(action)}>{outcomeWords[action.outcome.state]}</Badge>
                <span>
                  <strong>{actionHeadline(action, name)}</strong>{' '}
                  <span className={styles.soft}>
                    {dateAndTime(action.startedAt, Date.now())}, {oneLine(requesterWords(action))}
                  </span>
                  <br />
                  {oneLine(actionProof(action), 800)}
                </span>
              </li>
            ))}
          </ul>
        )}
      </section>
      <section aria-label="What the policy says" className={styles.part}>
        <h3>What the policy says</h3>
        {decisions.length === 0 ? (
          isRead ? (
            <SilentRules finding={finding} />
          ) : (
            <p className={styles.soft}>Not known yet.</p>
          )
        ) : (
          <ul className={styles.lines}>
            {decisions.map((decision) => (
              <li key={decision.id}>
                <Badge tone={decision.mode === 'enforce' ? 'accent' : 'plain'}>
                  {decision.mode}
                </Badge>
                <span>{oneLine(decisionSentence(decision), 400)}</span>
              </li>
            ))}
          </ul>
        )}
      </section>
    </>
  );
}
