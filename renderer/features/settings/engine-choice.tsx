import { useId, useState, type ReactElement } from 'react';
import { Button } from '../../components/button.tsx';
import { Question } from '../../components/dialog.tsx';
import { oneLine } from '../../format/plain-text.ts';
import { useStore, useView } from '../../state/use-store.ts';
import styles from './settings.module.css';

type Asking =
  | { readonly state: 'no' }
  | { readonly state: 'asking'; readonly endpoint: string | null }
  | { readonly state: 'trying' };

/** Has another engine watched, after a question; it is tried before anything is changed. */
export function EngineChoice(): ReactElement {
  const store = useStore();
  const chosen = useView((state) => state.shell?.engine);
  const demonstration = useView((state) => state.shell?.demonstration === true);
  const [text, setText] = useState('');
  const [asking, setAsking] = useState<Asking>({ state: 'no' });
  const [refusal, setRefusal] = useState<string>();
  const [field, reason] = [useId(), useId()];
  const close = () => setAsking({ state: 'no' });
  const busy = asking.state === 'trying' || demonstration;

  async function choose(endpoint: string | null): Promise<void> {
    setAsking({ state: 'trying' });
    setRefusal(undefined);
    const reply = await store.call('setEngine', { endpoint });
    setAsking({ state: 'no' });
    if (!reply.ok) {
      setRefusal(reply.error.message);
      return;
    }
    setText('');
    store.send({ kind: 'shell', shell: reply.value });
    store.say(
      'good',
      endpoint === null ? 'The engine is looked for.' : 'Watching that engine now.',
    );
  }
  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault();
        if (text.trim() !== '' && !busy) setAsking({ state: 'asking', endpoint: text.trim() });
      }}
    >
      <p className={styles.note}>
        {demonstration
          ? 'Another engine can be chosen when the demonstration has ended.'
          : chosen === undefined
            ? 'Found as the docker command finds it: DOCKER_HOST, the chosen context, the usual sockets.'
            : `Chosen by you: ${oneLine(chosen, 200)}`}
      </p>
      <label htmlFor={field}>Watch another engine</label>
      <input
        id={field}
        className={styles.wide}
        value={text}
        spellCheck={false}
        autoComplete="off"
        maxLength={4096}
        placeholder="unix:///path/to/docker.sock, or a context’s name"
        aria-describedby={refusal === undefined ? undefined : reason}
        aria-invalid={refusal !== undefined}
        onChange={(event) => setText(event.target.value)}
      />
      {refusal === undefined ? null : (
        <p id={reason} className={styles.refusal} role="alert">
          {oneLine(refusal, 600)} What was watched is watched still.
        </p>
      )}
      <div className={styles.buttons}>
        {asking.state === 'trying' ? <span role="status">Asking the engine…</span> : null}
        {chosen === undefined ? null : (
          <Button disabled={busy} onClick={() => setAsking({ state: 'asking', endpoint: null })}>
            Find it again…
          </Button>
        )}
        <Button submits disabled={busy || text.trim() === ''}>
          Watch it…
        </Button>
      </div>
      {asking.state === 'asking' ? (
        <Question
          title="Watch another engine?"
          onClose={close}
          buttons={
            <>
              <Button onClick={close}>Cancel</Button>
              <Button look="primary" onClick={() => void choose(asking.endpoint)}>
                Watch it
              </Button>
            </>
          }
        >
          <p>
            {asking.endpoint === null
              ? 'The engine is looked for as the docker command does it.'
              : oneLine(asking.endpoint, 300)}
          </p>
          <p>
            The containers of the engine watched now are guarded no longer. What is held of them
            stays held, and their record is kept for when you come back.
          </p>
        </Question>
      ) : null}
    </form>
  );
}
