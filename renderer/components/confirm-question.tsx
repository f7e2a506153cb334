import type { ReactElement, ReactNode } from 'react';
import { Button } from './button.tsx';
import { Question } from './dialog.tsx';

/** Asks before something is done that gives freedom back, or cannot be had back. */
export function ConfirmQuestion({
  title,
  verb,
  look = 'primary',
  disabled = false,
  onClose,
  onConfirm,
  children,
}: {
  readonly title: string;
  /** What the button that does it says. */
  readonly verb: string;
  readonly look?: 'primary' | 'danger';
  readonly disabled?: boolean;
  readonly onClose: () => void;
  /** The question is closed by then. */
  readonly onConfirm: () => Promise<void>;
  readonly children: ReactNode;
}): ReactElement {
  function confirm(): void {
    onClose();
    void onConfirm();
  }
  return (
    <Question
      title={title}
      onClose={onClose}
      buttons={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look={look} disabled={disabled} onClick={confirm}>
            {verb}
          </Button>
        </>
      }
    >
      <p>{children}</p>
    </Question>
  );
}
