import type { ReactElement } from 'react';
import { Button } from '../../components/button.tsx';
import { Question } from '../../components/dialog.tsx';
import type { EgressPreview, EgressView } from '../../state/model.ts';
import { previewWords, Refused } from './preview-line.tsx';

/** Asks before a list is saved: it may let out more than the one before, or cut off what works. */
export function SaveQuestion({
  preview,
  mode,
  onClose,
  onSave,
}: {
  readonly preview: EgressPreview | undefined;
  readonly mode: EgressView['mode'];
  readonly onClose: () => void;
  readonly onSave: () => void;
}): ReactElement {
  return (
    <Question
      title="Put this list in force?"
      onClose={onClose}
      buttons={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" onClick={onSave}>
            Save and put in force
          </Button>
        </>
      }
    >
      <p>
        {mode === 'enforce'
          ? 'It holds at once. Flows that it does not allow are cut.'
          : 'It is kept, and holds as soon as the mode is enforce.'}
      </p>
      {preview === undefined ? null : (
        <>
          <p>{previewWords(preview, mode)}</p>
          {preview.wouldRefuseCount === 0 ? null : <Refused preview={preview} />}
        </>
      )}
    </Question>
  );
}
