import { useEffect, useState, type ReactElement } from 'react';
import { Button } from '../../components/button.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { oneLine } from '../../format/plain-text.ts';
import type { ContainerId, EgressLesson, EgressRule } from '../../state/model.ts';
import { useStore } from '../../state/use-store.ts';
import styles from './egress.module.css';
import { ruleWords } from './rule-words.ts';

type Lesson =
  | { readonly state: 'reading' }
  | { readonly state: 'read'; readonly lesson: EgressLesson }
  | { readonly state: 'failed'; readonly message: string };

/** The fewest rules that would have covered the past day, to be accepted line by line. */
export function Learn({
  container,
  onPropose,
}: {
  readonly container: ContainerId;
  readonly onPropose: (rules: readonly EgressRule[]) => void;
}): ReactElement {
  const store = useStore();
  const [lesson, setLesson] = useState<Lesson>({ state: 'reading' });
  const [chosen, setChosen] = useState<ReadonlySet<number>>(new Set());
  useEffect(() => {
    let left = false;
    void store.call('egressLearn', { target: container, hours: 24 }).then((reply) => {
      if (left) return;
      setLesson(
        reply.ok
          ? { state: 'read', lesson: reply.value }
          : { state: 'failed', message: reply.error.message },
      );
    });
    return () => {
      left = true;
    };
  }, [store, container]);
  if (lesson.state === 'reading') return <p role="status">Looking at the past day…</p>;
  if (lesson.state === 'failed') {
    return (
      <EmptyState icon="eye" title="Nothing can be learned now">
        {oneLine(lesson.message, 400)}
      </EmptyState>
    );
  }
  const { proposals, leftOut } = lesson.lesson;
  if (proposals.length === 0) {
    return (
      <EmptyState icon="check" title="Nothing was seen that the list does not cover">
        Let it work for a while in the mode observe, then look here again.
      </EmptyState>
    );
  }
  const toggle = (index: number): void => {
    const next = new Set(chosen);
    if (!next.delete(index)) next.add(index);
    setChosen(next);
  };
  const accepted = proposals.filter((_, index) => chosen.has(index)).map(({ rule }) => rule);
  return (
    <>
      <div className={styles.tools}>
        <Button onClick={() => setChosen(new Set(proposals.map((_, index) => index)))}>
          Choose all
        </Button>
        <Button look="primary" disabled={accepted.length === 0} onClick={() => onPropose(accepted)}>
          {accepted.length === 0 ? 'Put into the list…' : `Put ${accepted.length} into the list…`}
        </Button>
        <span className={styles.soft}>Nothing holds before the list is saved.</span>
      </div>
      <ul className={styles.scroll} aria-label="Proposed rules" tabIndex={0}>
        {proposals.map(({ rule, ground }, index) => (
          <li key={index} className={styles.proposal}>
            <label>
              <input type="checkbox" checked={chosen.has(index)} onChange={() => toggle(index)} />{' '}
              <strong>{ruleWords(rule)}</strong>
              <span className={styles.soft}> {oneLine(ground, 300)}</span>
            </label>
          </li>
        ))}
        {leftOut.map((each) => (
          <li key={each} className={styles.proposal}>
            <span className={styles.soft}>Left out: {oneLine(each, 300)}</span>
          </li>
        ))}
      </ul>
    </>
  );
}
