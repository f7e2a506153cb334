import { useState, type ReactElement } from 'react';
import { Button } from '../../components/button.tsx';
import { ConfirmQuestion } from '../../components/confirm-question.tsx';
import { countOf } from '../../format/number.ts';
import { oneLine } from '../../format/plain-text.ts';
import type { ContainerId } from '../../state/model.ts';
import { useStore } from '../../state/use-store.ts';

/** Erases the record of where a container's workload talked to, after a question; the list is read anew soon. */
export function EraseHistory({
  container,
  name,
}: {
  readonly container: ContainerId;
  readonly name: string;
}): ReactElement {
  const store = useStore();
  const [asks, setAsks] = useState(false);
  async function erase(): Promise<void> {
    const reply = await store.call('egressErase', { target: container });
    if (reply.ok) store.say('good', `${countOf(reply.value.rows, 'row')} erased.`);
    else store.say('alarm', reply.error.message);
  }
  return (
    <>
      <Button title="Erases the record of where it talked to" onClick={() => setAsks(true)}>
        Erase history
      </Button>
      {asks ? (
        <ConfirmQuestion
          title={`Erase where ${oneLine(name, 60)} talked to?`}
          verb="Erase history"
          look="danger"
          onClose={() => setAsks(false)}
          onConfirm={erase}
        >
          The record of all containers of its workload goes, out of the file as well, and cannot be
          had back. The list stays, and so does what was learned or found.
        </ConfirmQuestion>
      ) : null}
    </>
  );
}
