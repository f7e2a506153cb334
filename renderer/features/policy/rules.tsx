import type { ReactElement } from 'react';
import { Button } from '../../components/button.tsx';
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
  const allEnforced = text.rules.every(({ mode }) => mode === 'enforce');
  const noneEnforced = text.rules.every(({ mode }) => mode === 'observe');
  async function enforceAll(): Promise<void> {
    const reply = await store.call('enforce', {});
    if (reply.ok) onChange(reply.value);
    else store.say('alarm', reply.error.message);
  }
  return (
    <div className={styles.scroll}>
      <Section
        title="Rules; each is tried on every finding"
        flush
        aside={
          <>
            <Button
              disabled={noneEnforced}
              onClick={() => store.send({ kind: 'ask-to-observe', open: true })}
            >
              Observe only
            </Button>
            <Button disabled={allEnforced} onClick={() => void enforceAll()}>
              Enforce all
            </Button>
          </>
        }
      >
        <RuleSwitches detailed text={text} onChange={onChange} />
      </Section>
      <p className={styles.hint}>
        A rule that is observed says what it would have done. A rule that is enforced does it. What
        is never touched, and the rest, stands in the text.
      </p>
    </div>
  );
}
