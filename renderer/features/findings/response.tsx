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
import type { Action, Decision, Finding } from '../../state/model.ts';
import { useView } from '../../state/use-store.ts';
import styles from './findings.module.css';
import { SilentRules } from './silent-rules.tsx';

/** What was done about it, with the proof; and what the policy made of it. */
export function Response({
  finding,
  decisions,
  name,
}: {
  readonly finding: Finding;
  readonly decisions: readonly Decision[];
  readonly name: string;
}): ReactElement {
  const actions = useView((state) => state.actions);
  const taken = actions.filter((action) => belongs(action, finding, decisions));
  return (
    <>
      <section aria-label="What was done" className={styles.part}>
        <h3>What was done</h3>
        {taken.length === 0 ? (
          <p className={styles.soft}>Nothing was done about it.</p>
        ) : (
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
          <SilentRules finding={finding} />
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

/** Whether the action answers this finding: by its decision, or by a person while it was open. */
function belongs(action: Action, finding: Finding, decisions: readonly Decision[]): boolean {
  if (action.container !== finding.container || action.name === 'notify') return false;
  const { requester } = action;
  if (requester.kind === 'policy') return decisions.some(({ id }) => id === requester.decision);
  const end = finding.status === 'closed' ? finding.at : Number.POSITIVE_INFINITY;
  return action.startedAt >= finding.onsetAt && action.startedAt <= end;
}
