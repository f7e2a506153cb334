import { Suspense, useState, type ReactElement } from 'react';
import { Button } from '../components/button.tsx';
import { useStore, useView } from '../state/use-store.ts';
import { DemonstrationQuestion } from './later.tsx';

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
  return (
    <>
      <Button onClick={() => (runs ? void set(false) : setAsking(true))}>
        {runs ? 'End the demonstration' : 'Show a demonstration'}
      </Button>
      {asking ? (
        <Suspense fallback={null}>
          <DemonstrationQuestion onClose={() => setAsking(false)} onYes={() => void set(true)} />
        </Suspense>
      ) : null}
    </>
  );
}
