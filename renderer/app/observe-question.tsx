import type { ReactElement } from 'react';
import { ConfirmQuestion } from '../components/confirm-question.tsx';
import { useStore, useView } from '../state/use-store.ts';

/** Asks before all rules only observe: it gives freedom back. */
export function ObserveQuestion(): ReactElement | null {
  const store = useStore();
  const asks = useView((state) => state.asksToObserve);
  if (!asks) return null;
  async function observe(): Promise<void> {
    const reply = await store.call('observe', {});
    if (reply.ok) store.say('good', 'All rules only observe now.');
    else store.say('alarm', reply.error.message);
  }
  return (
    <ConfirmQuestion
      title="Only observe all rules?"
      verb="Only observe"
      onClose={() => store.send({ kind: 'ask-to-observe', open: false })}
      onConfirm={observe}
    >
      Nothing is contained by itself any more. What is held now stays held.
    </ConfirmQuestion>
  );
}
