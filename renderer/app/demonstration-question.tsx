import type { ReactElement } from 'react';
import { Button } from '../components/button.tsx';
import { Question } from '../components/dialog.tsx';

/** Asks before simulated containers are shown: no real one is watched meanwhile. */
export function DemonstrationQuestion({
  onClose,
  onYes,
}: {
  readonly onClose: () => void;
  readonly onYes: () => void;
}): ReactElement {
  return (
    <Question
      title="Show a demonstration?"
      onClose={onClose}
      buttons={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" onClick={onYes}>
            Show it
          </Button>
        </>
      }
    >
      <p>
        Sentra then watches simulated containers, marked as such on every screen. While it lasts, no
        real container is watched.
      </p>
    </Question>
  );
}
