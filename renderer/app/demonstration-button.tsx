import { useState, type ReactElement } from 'react';
import { Button } from '../components/button.tsx';
import { Question } from '../components/dialog.tsx';
import { useStore, useView } from '../state/use-store.ts';

/** Begins a demonstration on simulated containers, after a question; or ends it. */
export function DemonstrationButton(): ReactElement {
  const store = useStore();
  const runs = useView((state) => state.shell?.demonstration === true);
  const [asking, setAsking] = useState(false);
  async function set(on: boolean): Promise<void> {
    setAsking(false);
    const reply = await store.call('demonstrate', { on });
    if (reply.ok) store.send({ kind: 'shell', shell: reply.value });
    else store.say('alarm', reply.error.message);
  }
  const close = () => setAsking(false);
  return (
    <>
      <Button onClick={() => (runs ? void set(false) : setAsking(true))}>
        {runs ? 'End the demonstration' : 'Show a demonstration'}
      </Button>
      {asking ? (
        <Question
          title="Show a demonstration?"
          onClose={close}
          buttons={
            <>
              <Button onClick={close}>Cancel</Button>
              <Button look="primary" onClick={() => void set(true)}>
                Show it
              </Button>
            </>
          }
        >
          <p>
            Sentra then watches simulated containers, marked as such on every screen. While it
            lasts, no real container is watched.
          </p>
        </Question>
      ) : null}
    </>
  );
}
