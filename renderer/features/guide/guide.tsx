import { useEffect, useState, type ReactElement } from 'react';
import { Button } from '../../components/button.tsx';
import { Page } from '../../components/page.tsx';
import { RuleSwitches } from '../../components/rule-switches.tsx';
import { Section } from '../../components/section.tsx';
import { countOf } from '../../format/number.ts';
import { oneLine } from '../../format/plain-text.ts';
import { useLookedBack } from '../../state/use-looked-back.ts';
import { usePolicyText } from '../../state/use-policy-text.ts';
import { useView } from '../../state/use-store.ts';
import { useTrial } from '../../state/use-trial.ts';
import styles from './guide.module.css';
import { LearningProgress } from './learning-progress.tsx';
import { markGuideSeen } from '../../state/guide-seen.ts';
import { WatchedStep } from './watched-step.tsx';

/** From nothing to a policy in force, on one page: what is watched, learned, and would be done. */
export function Guide(): ReactElement {
  const [reading, put] = usePolicyText();
  const { trial, run, stop } = useTrial();
  const lookedBack = useLookedBack();
  const isDue = useView((state) => state.shell?.lookBackDue === true);
  const isAwaited = useView((state) => state.shell?.lookBackAwaited === true);
  // Whoever comes while it is due sees it without asking, and is offered it no more.
  const [looksBack, setLooksBack] = useState(false);
  useEffect(markGuideSeen, []);
  useEffect(() => {
    if (!isDue) return;
    setLooksBack(true);
    lookedBack();
  }, [isDue, lookedBack]);

  const text = reading.state === 'read' ? reading.text : undefined;
  useEffect(() => {
    if (!looksBack || text === undefined) return;
    setLooksBack(false);
    void run(text.text, 7);
  }, [looksBack, text, run]);
  return (
    <Page title="First steps" scrolls>
      <div className={styles.steps}>
        <WatchedStep />
        <LearningProgress />
        <Section
          title="3. What would have been done, and what shall be"
          flush
          aside={
            trial.state === 'running' ? (
              <Button onClick={stop}>Cancel</Button>
            ) : (
              <Button
                look={trial.state === 'done' ? 'plain' : 'primary'}
                disabled={text === undefined}
                onClick={() => (text === undefined ? undefined : void run(text.text, 7))}
              >
                Look back over 7 days
              </Button>
            )
          }
        >
          <p className={styles.words}>
            Each rule begins as an observer: it says what it would have done. When you trust one,
            switch it on, and it does it.
            {isAwaited
              ? ' After a day the look back is offered by itself; you need not wait for it.'
              : ''}
          </p>
          {trial.state === 'running' ? (
            <p role="status" className={styles.words}>
              <progress aria-label="Looking back" /> Trying each rule on what was found…
            </p>
          ) : null}
          {trial.state === 'failed' ? (
            <p role="alert" className={styles.words}>
              It could not be tried: {oneLine(trial.message, 300)}
            </p>
          ) : null}
          {trial.state === 'done' ? (
            <p role="status" className={styles.words}>
              Tried on {countOf(trial.preview.findings, 'recorded finding')}.
            </p>
          ) : null}
          {text === undefined ? (
            <p className={styles.words}>
              {reading.state === 'failed'
                ? `The policy cannot be read: ${oneLine(reading.message, 300)}`
                : 'Reading the policy…'}
            </p>
          ) : (
            <RuleSwitches
              text={text}
              onChange={put}
              {...(trial.state === 'done' ? { previews: trial.preview.rules } : {})}
            />
          )}
        </Section>
      </div>
    </Page>
  );
}
