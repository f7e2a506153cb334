import { useState, type ReactElement } from 'react';
import { Button } from '../../components/button.tsx';
import { ConfirmQuestion } from '../../components/confirm-question.tsx';
import { oneLine } from '../../format/plain-text.ts';
import type { EgressView } from '../../state/model.ts';
import { useStore } from '../../state/use-store.ts';

/** Takes the latest saved change back, after a question: it may open what was closed. */
export function TakeBack({
  egress,
  onChanged,
}: {
  readonly egress: EgressView;
  readonly onChanged: (egress: EgressView) => void;
}): ReactElement | null {
  const store = useStore();
  const [asked, setAsked] = useState<string>();
  const { container, undo } = egress;

  async function takeBack(what: string): Promise<void> {
    const reply = await store.call('egressUndo', { target: container, what });
    if (reply.ok) onChanged(reply.value);
    else store.say('alarm', oneLine(reply.error.message, 400));
  }
  return (
    <>
      {undo === undefined ? null : (
        <Button icon="undo" onClick={() => setAsked(undo)}>
          Take back: {oneLine(undo, 60)}
        </Button>
      )}
      {asked === undefined ? null : (
        <ConfirmQuestion
          title={`Take back “${oneLine(asked, 60)}”?`}
          verb="Take it back"
          onClose={() => setAsked(undefined)}
          onConfirm={() => takeBack(asked)}
        >
          The list, its profiles and its mode are as before that change, and hold so at once. What
          that change closed is open again.
        </ConfirmQuestion>
      )}
    </>
  );
}
