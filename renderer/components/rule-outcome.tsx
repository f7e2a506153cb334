import type { ReactElement } from 'react';
import { dateAndTime } from '../format/duration.ts';
import { countOf } from '../format/number.ts';
import { oneLine } from '../format/plain-text.ts';
import type { RulePreview } from '../state/model.ts';
import styles from './rule-switches.module.css';

/** How often a rule would have struck, whom, and examples. */
export function RuleOutcome({ preview }: { readonly preview: RulePreview }): ReactElement {
  const { decisions, workloads, examples } = preview;
  if (decisions === 0) return <p className={styles.outcome}>It would not have struck.</p>;
  const whom = workloads
    .slice(0, 4)
    .map(({ name, decisions: count }) => `${oneLine(name, 40)} (${count})`)
    .join(', ');
  const more = workloads.length > 4 ? ` and ${workloads.length - 4} more` : '';
  return (
    <div className={styles.outcome}>
      <p>
        Would have struck <strong>{countOf(decisions, 'time')}</strong>: {whom}
        {more}
      </p>
      <details>
        <summary>The latest</summary>
        <ul>
          {examples.map(({ at, finding, name, sentence }) => (
            <li key={`${finding}-${at}`}>
              {dateAndTime(at, Date.now())} <strong>{oneLine(name, 60)}</strong>{' '}
              {oneLine(sentence, 300)}
            </li>
          ))}
        </ul>
      </details>
    </div>
  );
}
