import type { ReactElement } from 'react';
import { ConfirmQuestion } from '../components/confirm-question.tsx';
import { useStore, useView } from '../state/use-store.ts';

/** Asks before a lock down is lifted: it gives freedom back. */
export function LiftQuestion(): ReactElement | null {
  const store = useStore();
  const asks = useView((state) => state.asksToLift);
  const isLocked = useView((state) => state.monitor?.lockdown !== undefined);
  if (!asks) return null;
  async function lift(): Promise<void> {
    const reply = await store.call('egressLift', {});
    if (reply.ok) store.say('good', 'The lock down is lifted.');
    else store.say('alarm', reply.error.message);
  }
  return (
    <ConfirmQuestion
      title="Lift the lock down?"
      verb="Lift lock down"
      disabled={!isLocked}
      onClose={() => store.send({ kind: 'ask-to-lift', open: false })}
      onConfirm={lift}
    >
      {isLocked
        ? 'Each container may then reach what its own list lets through; one that has no list, everything.'
        : 'No lock down holds: each container’s own list does.'}
    </ConfirmQuestion>
  );
}
