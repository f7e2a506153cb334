import { useRef, type ReactElement } from 'react';
import { useKeptFocus } from '../../components/use-kept-focus.ts';
import { Section } from '../../components/section.tsx';
import { countOf } from '../../format/number.ts';
import type { HeldQuestion } from '../../state/model.ts';
import { useHeld } from '../../state/use-held.ts';
import styles from './egress.module.css';
import { HeldEntry } from './held-entry.tsx';

/** What waits for an answer, of all containers; nothing while nothing does. */
export function HeldList(): ReactElement | null {
  const [questions, put] = useHeld();
  const list = useRef<HTMLUListElement>(null);
  // A question that is answered goes with the button that has the focus.
  const focus = useKeptFocus(() => {
    const near = list.current ?? document.querySelector<HTMLElement>('[data-page-title]');
    near?.focus({ preventScroll: true });
  });
  if (questions.length === 0) return null;
  const waiting = questions.filter(({ state }) => state.kind === 'waiting');
  // What is still held comes first: its programs wait.
  const rank = ({ state }: HeldQuestion): number => (state.kind === 'waiting' ? 0 : 1);
  const ordered = [...questions].sort((one, other) => rank(one) - rank(other));
  return (
    <div className={styles.above}>
      <Section
        title="Waiting for your answer"
        aside={`${countOf(waiting.length, 'connection')} held`}
        flush
      >
        <ul
          ref={list}
          tabIndex={-1}
          className={styles.held}
          aria-label="Held connections"
          {...focus}
        >
          {ordered.map((question) => (
            <li key={question.id}>
              <HeldEntry question={question} onAnswered={put} />
            </li>
          ))}
        </ul>
      </Section>
    </div>
  );
}
