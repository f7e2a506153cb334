import { useState, type ReactElement } from 'react';
import { oneLine } from '../format/plain-text.ts';
import { plannedSentence } from '../words/decision-sentence.ts';
import type { PolicyText, RulePreview } from '../state/model.ts';
import { useStore } from '../state/use-store.ts';
import { Button } from './button.tsx';
import { Question } from './dialog.tsx';
import { RuleOccasion } from './rule-occasion.tsx';
import { RuleOutcome } from './rule-outcome.tsx';
import styles from './rule-switches.module.css';
import { Switch } from './switch.tsx';

/**
 * A switch for each rule: on is enforce, off is observe. Switching on takes effect at once; switching
 * off asks first, for it gives freedom back.
 */
export function RuleSwitches({
  text,
  previews,
  detailed = false,
  onChange,
}: {
  readonly text: PolicyText;
  /** What each rule would have done, where that is known. */
  readonly previews?: readonly RulePreview[];
  /** With when each strikes, as the policy has it. */
  readonly detailed?: boolean;
  readonly onChange: (text: PolicyText) => void;
}): ReactElement {
  const store = useStore();
  const [busy, setBusy] = useState(false);
  const [asked, setAsked] = useState<string>();

  async function set(rule: string, enforce: boolean): Promise<void> {
    setAsked(undefined);
    setBusy(true);
    const reply = await store.call(enforce ? 'enforce' : 'observe', { rule });
    setBusy(false);
    if (reply.ok) onChange(reply.value);
    else {
      const advice = 'advice' in reply.error ? ` ${reply.error.advice}` : '';
      store.say('alarm', `${reply.error.message}${advice}`);
    }
  }
  const close = () => setAsked(undefined);
  return (
    <>
      <ul className={styles.rules}>
        {text.rules.map((rule) => {
          const { name, mode, actions } = rule;
          const preview = previews?.find(({ rule }) => rule === name);
          return (
            <li key={name} className={styles.rule}>
              <div className={styles.words}>
                <strong>{oneLine(name, 120)}</strong>
                <p>{asSentence(plannedSentence(actions))}</p>
                {detailed ? <RuleOccasion rule={rule} rules={text.rules} /> : null}
                {preview === undefined ? null : <RuleOutcome preview={preview} />}
              </div>
              <span className={styles.mode}>{mode}</span>
              <Switch
                label={`Enforce “${oneLine(name, 120)}”`}
                on={mode === 'enforce'}
                disabled={busy}
                onChange={(on) => (on ? void set(name, true) : setAsked(name))}
              />
            </li>
          );
        })}
      </ul>
      {asked === undefined ? null : (
        <Question
          title={`Only observe “${oneLine(asked, 80)}”?`}
          onClose={close}
          buttons={
            <>
              <Button onClick={close}>Cancel</Button>
              <Button look="primary" onClick={() => void set(asked, false)}>
                Only observe
              </Button>
            </>
          }
        >
          <p>Sentra then says what it would have done, and does not do it.</p>
        </Question>
      )}
    </>
  );
}

function asSentence(words: string): string {
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}.`;
}
