import { useState, type ReactElement } from 'react';
import { Button } from '../../components/button.tsx';
import { Question } from '../../components/dialog.tsx';
import { RuleSwitches } from '../../components/rule-switches.tsx';
import { Section } from '../../components/section.tsx';
import type { PolicyText } from '../../state/model.ts';
import { useStore } from '../../state/use-store.ts';
import styles from './policy.module.css';

/** One switch a rule, and one for all of them. */
export function Rules({
  text,
  onChange,
}: {
  readonly text: PolicyText;
  readonly onChange: (text: PolicyText) => void;
}): ReactElement {
  const store = useStore();
  const [asking, setAsking] = useState(false);
  const allEnforced = text.rules.every(({ mode }) => mode === 'enforce');
  const noneEnforced = text.rules.every(({ mode }) => mode === 'observe');
  async function setAll(channel: 'enforce' | 'observe'): Promise<void> {
    setAsking(false);
    const reply = await store.call(channel, {});
    if (reply.ok) onChange(reply.value);
    else store.say('alarm', reply.error.message);
  }
  const close = () => setAsking(false);
  return (
    <div className={styles.scroll}>
      <Section
        title="Rules, in the order they are tried"
        flush
        aside={
          <>
            <Button disabled={noneEnforced} onClick={() => setAsking(true)}>
              Observe only
            </Button>
            <Button disabled={allEnforced} onClick={() => void setAll('enforce')}>
              Enforce all
            </Button>
          </>
        }
      >
        <RuleSwitches text={text} onChange={onChange} />
      </Section>
      <p className={styles.hint}>
        A rule that is observed says what it would have done. A rule that is enforced does it. What
        strikes when, and what is never touched, stands in the text.
      </p>
      {asking ? (
        <Question
          title="Only observe all rules?"
          onClose={close}
          buttons={
            <>
              <Button onClick={close}>Cancel</Button>
              <Button look="primary" onClick={() => void setAll('observe')}>
                Only observe
              </Button>
            </>
          }
        >
          <p>Nothing is contained by itself any more. What is held now stays held.</p>
        </Question>
      ) : null}
    </div>
  );
}
