import { useId, useState, type ReactElement } from 'react';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import type { ContainerId, EgressView } from '../../state/model.ts';
import { useStore } from '../../state/use-store.ts';
import styles from './egress.module.css';

/** The list as a text, to be copied out or pasted in. */
export function FileTools({
  container,
  disabled,
  onChanged,
}: {
  readonly container: ContainerId;
  /** While a draft is not saved, nothing is taken in beside it. */
  readonly disabled: boolean;
  readonly onChanged: (egress: EgressView) => void;
}): ReactElement {
  const store = useStore();
  const label = useId();
  const [text, setText] = useState<string>();
  const [refusal, setRefusal] = useState<string>();
  const close = (): void => {
    setText(undefined);
    setRefusal(undefined);
  };
  async function open(): Promise<void> {
    const reply = await store.call('egressExport', { target: container });
    if (reply.ok) setText(reply.value.text);
    else store.say('alarm', reply.error.message);
  }
  async function takeIn(): Promise<void> {
    const reply = await store.call('egressImport', { target: container, text: text ?? '' });
    if (!reply.ok) {
      setRefusal(reply.error.message);
      return;
    }
    close();
    onChanged(reply.value);
    store.say('good', 'The list was taken in as a whole.');
  }
  return (
    <>
      <Button
        disabled={disabled}
        title={disabled ? 'Save or discard your changes first' : 'JSON, or YAML'}
        onClick={() => void open()}
      >
        As text…
      </Button>
      {text === undefined ? null : (
        <Dialog title="The list as text" onClose={close}>
          <p id={label} className={styles.soft}>
            Copy it out, or put another in its place: JSON or YAML. It is taken in as a whole, or
            not at all; the mode stays.
          </p>
          <textarea
            aria-labelledby={label}
            className={styles.file}
            spellCheck={false}
            wrap="off"
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
          {refusal === undefined ? null : (
            <pre role="alert" className={styles.problems}>
              {refusal}
            </pre>
          )}
          <div className={styles.foot}>
            <Button onClick={close}>Close</Button>
            <Button look="primary" onClick={() => void takeIn()}>
              Put in force
            </Button>
          </div>
        </Dialog>
      )}
    </>
  );
}
