import type { ReactElement } from 'react';
import { Badge } from '../../components/badge.tsx';
import { countOf } from '../../format/number.ts';
import { oneLine } from '../../format/plain-text.ts';
import type { PolicyProblem } from '../../state/model.ts';
import styles from './policy.module.css';

/** What is wrong with the text. Choosing one leads to its line. */
export function Problems({
  problems,
  pending,
  failure,
  onJump,
}: {
  readonly problems: readonly PolicyProblem[];
  readonly pending: boolean;
  readonly failure: string | undefined;
  readonly onJump: (line: number, column: number) => void;
}): ReactElement {
  const summary = pending
    ? 'Checking…'
    : failure !== undefined
      ? `It could not be checked: ${oneLine(failure)}`
      : problems.length === 0
        ? 'No problems.'
        : countOf(problems.length, 'problem');
  return (
    <div className={styles.problems}>
      <p role="status" className={styles.source}>
        {summary}
      </p>
      <ul>
        {problems.map(({ severity, line, column, message }, index) => (
          <li key={index}>
            <button
              type="button"
              className={styles.problem}
              disabled={line === undefined}
              onClick={() => (line === undefined ? undefined : onJump(line, column ?? 1))}
            >
              <Badge tone={severity === 'error' ? 'critical' : 'medium'}>{severity}</Badge>
              {line === undefined ? null : <span>Line {line}</span>}
              <span>{oneLine(message, 400)}</span>
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
