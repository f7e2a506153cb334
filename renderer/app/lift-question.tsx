import type { ReactElement } from 'react';
import { Button } from '../components/button.tsx';
import { Question } from '../components/dialog.tsx';
import { useStore, useView } from '../state/use-store.ts';

/** Asks before a lock down is lifted: it gives freedom back. */
export function LiftQuestion(): ReactElement | null {
  const store = useStore();
  const asks = useView((state) => state.asksToLift);
  const isLocked = useView((state) => state.monitor?.lockdown !== undefined);
  if (!asks) return null;
  const close = () => store.send({ kind: 'ask-to-lift', open: false });
  async function lift(): Promise<void> {
    close();
    const reply = await store.call('egressLift', {});
    if (reply.ok) store.say('good', 'The lock down is lifted.');
    else store.say('alarm', reply.error.message);
  }
  return (
    <Question
      title="Lift the lock down?"
      onClose={close}
      buttons={
        <>
          <Button onClick={close}>Cancel</Button>
          <Button look="primary" disabled={!isLocked} onClick={() => void lift()}>
            Lift lock down
          </Button>
        </>
      }
    >
      <p>
        {isLocked
          ? 'Each container may then reach what its own list lets through; one that has no list, everything.'
          : 'No lock down holds: each container’s own list does.'}
      </p>
    </Question>
  );
}
