import { useId, useState, type ReactElement } from 'react';
import { Button } from '../../components/button.tsx';
import { Question } from '../../components/dialog.tsx';
import { oneLine } from '../../format/plain-text.ts';
import type { MonitorSettings } from '../../state/model.ts';
import { draftOf, selectionOf, type PatternsDraft } from '../../state/selection-draft.ts';
import { patternWords } from '../../words/selection-words.ts';
import { useStore } from '../../state/use-store.ts';
import styles from './settings.module.css';

const fields: readonly { readonly name: keyof PatternsDraft; readonly label: string }[] = [
  { name: 'names', label: 'Names' },
  { name: 'images', label: 'Images' },
  { name: 'composeProjects', label: 'Compose projects' },
  { name: 'labels', label: 'Labels' },
];

/** Which containers are watched, in fields. Asked before it holds: what is left out is not guarded. */
export function SelectionForm({
  settings,
  onChange,
  onClose,
}: {
  readonly settings: MonitorSettings;
  readonly onChange: (settings: MonitorSettings) => void;
  readonly onClose: () => void;
}): ReactElement {
  const store = useStore();
  const [draft, setDraft] = useState(() => draftOf(settings.selection));
  const [asking, setAsking] = useState(false);
  const [saving, setSaving] = useState(false);
  const [refusal, setRefusal] = useState<string>();
  const selection = selectionOf(draft);

  async function save(): Promise<void> {
    setAsking(false);
    setSaving(true);
    const reply = await store.call('setSelection', selection);
    setSaving(false);
    if (!reply.ok) {
      const advice = 'advice' in reply.error ? ` ${reply.error.advice}` : '';
      setRefusal(`${reply.error.message}${advice}`);
      return;
    }
    onChange(reply.value);
    store.say('good', 'What is watched is as you said. It stands in the policy file.');
    onClose();
  }
  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault();
        setAsking(true);
      }}
    >
      <p className={styles.note}>
        Patterns with <code>*</code> and <code>?</code>, separated by commas. Labels as{' '}
        <code>key</code> or <code>key=value</code>. An empty field does not narrow.
      </p>
      {(['only', 'exclude'] as const).map((part) => (
        <fieldset key={part} className={styles.fieldset}>
          <legend>{part === 'only' ? 'Watch only' : 'Leave out'}</legend>
          {fields.map(({ name, label }) => (
            <Field
              key={name}
              label={label}
              value={draft[part][name]}
              onChange={(value) =>
                setDraft({ ...draft, [part]: { ...draft[part], [name]: value } })
              }
            />
          ))}
        </fieldset>
      ))}
      {refusal === undefined ? null : (
        <p className={styles.refusal} role="alert">
          {oneLine(refusal, 600)}
        </p>
      )}
      <div className={styles.buttons}>
        <Button onClick={onClose}>Cancel</Button>
        <Button look="primary" submits disabled={saving}>
          Save…
        </Button>
      </div>
      {asking ? (
        <Question
          title="Watch these containers?"
          onClose={() => setAsking(false)}
          buttons={
            <>
              <Button onClick={() => setAsking(false)}>Cancel</Button>
              <Button look="primary" onClick={() => void save()}>
                Watch these
              </Button>
            </>
          }
        >
          <p>Watched: {patternWords(selection.only) ?? 'every container'}.</p>
          <p>Left out: {patternWords(selection.exclude) ?? 'none by rule'}.</p>
          <p>What is not watched is not guarded. What is held now stays held.</p>
        </Question>
      ) : null}
    </form>
  );
}

function Field({
  label,
  value,
  onChange,
}: {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
}): ReactElement {
  const id = useId();
  return (
    <div className={styles.pattern}>
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        className={styles.wide}
        value={value}
        spellCheck={false}
        autoComplete="off"
        maxLength={4096}
        onChange={(event) => onChange(event.target.value)}
      />
    </div>
  );
}
