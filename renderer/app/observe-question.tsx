import type { ReactElement } from 'react';
import { Button } from '../components/button.tsx';
import { Question } from '../components/dialog.tsx';
import { useStore, useView } from '../state/use-store.ts';

/** Asks before all rules only observe: it gives freedom back. */
export function ObserveQuestion(): ReactElement | null {
  const store = useStore();
  const asks = useView((state) => state.asksToObserve);
  if (!asks) return null;
  const close = () => store.send({ kind: 'ask-to-observe', open: false });
  async function observe(): Promise<void> {
    close();
    const reply = await store.call('observe', {});
    if (reply.ok) store.say('good', 'All rules only observe now.');
    else store.say('alarm', reply.error.message);
  }
  return (
    <Question
      title="Only observe all rules?"
      onClose={close}
      buttons={
        <>
          <Button onClick={close}>Cancel</Button>
          <Button look="primary" onClick={() => void observe()}>
            Only observe
          </Button>
        </>
      }
    >
      <p>Nothing is contained by itself any more. What is held now stays held.</p>
    </Question>
  );
}
