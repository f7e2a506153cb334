import type { ReactElement } from 'react';
import { Button } from '../components/button.tsx';
import { Question } from '../components/dialog.tsx';
import { oneLine } from '../format/plain-text.ts';
import { deedWords } from '../state/deeds.ts';
import { useStore, useView } from '../state/use-store.ts';

/** Asks before what cannot be undone, and before what gives freedom back. */
export function DeedQuestion(): ReactElement | null {
  const store = useStore();
  const question = useView((state) => state.question);
  const workloads = useView((state) => state.workloads);
  if (question === undefined) return null;
  const { action, container } = question;
  const view = workloads.get(container);
  const name = oneLine(view?.workload.name ?? container.slice(0, 12), 80);
  const close = () => store.send({ kind: 'ask', question: undefined });
  const { button, meaning } = deedWords[action];
  const open = view?.findings.open ?? 0;
  return (
    <Question
      title={`${button} ${name}?`}
      onClose={close}
      buttons={
        <>
          <Button onClick={close}>Cancel</Button>
          <Button
            look={action === 'kill' ? 'danger' : 'primary'}
            onClick={() => {
              close();
              void store.carryOut(action, container);
            }}
          >
            {button} {name}
          </Button>
        </>
      }
    >
      <p>{meaning}</p>
      {action === 'kill' ? (
        <p>Sentra holds it down: started again, it is frozen until you release it.</p>
      ) : null}
      {action !== 'kill' && open > 0 ? (
        <p>
          It still has {open === 1 ? 'an open finding' : `${open} open findings`}. What led to it
          may go on.
        </p>
      ) : null}
    </Question>
  );
}
