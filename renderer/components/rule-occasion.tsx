import type { ReactElement } from 'react';
import { exactSpan } from '../format/duration.ts';
import { oneLine } from '../format/plain-text.ts';
import { conditionWords } from '../words/condition-words.ts';
import type { PolicyText } from '../state/model.ts';
import styles from './rule-switches.module.css';

type Rule = PolicyText['rules'][number];

/** For whom a rule strikes and when, in a sentence; what has no words in it stands as it is written. */
export function RuleOccasion({
  rule,
  rules,
}: {
  readonly rule: Rule;
  /** All of the policy, which may be named. */
  readonly rules: readonly Rule[];
}): ReactElement {
  const { workloads, condition, holdMs, cooldownMs, actions } = rule;
  // What holds for other workloads, or must first last, is not what that rule strikes at.
  const others = rules.filter(
    (other) => other !== rule && other.workloads === workloads && other.holdMs === 0,
  );
  const acts = actions.some(({ kind }) => kind !== 'notify');
  return (
    <>
      <p className={styles.soft}>
        For {oneLine(workloads, 300)}, when{' '}
        {conditionWords(condition, others).map(({ as, text }, index) => {
          const shown = oneLine(text, 2000);
          if (as === 'code') return <code key={index}>{shown}</code>;
          return as === 'name' ? <b key={index}>{shown}</b> : shown;
        })}
        .{holdMs > 0 ? ` It must last for ${exactSpan(holdMs)}.` : ''}
      </p>
      <p className={styles.soft}>
        At most once in {exactSpan(cooldownMs)} for each {acts ? 'container' : 'workload'}.
      </p>
    </>
  );
}
