import { useRef, useState, type ReactElement } from 'react';
import { Button } from '../../components/button.tsx';
import { Question } from '../../components/dialog.tsx';
import { Notice } from '../../components/notice.tsx';
import { TextEditor, type TextEditorHandle } from '../../components/text-editor.tsx';
import { oneLine } from '../../format/plain-text.ts';
import type { PolicyText } from '../../state/model.ts';
import { useStore, useView } from '../../state/use-store.ts';
import styles from './policy.module.css';
import { Problems } from './problems.tsx';
import { useProblems } from './use-problems.ts';

/** The policy's text, checked while it is written. */
export function Editor({
  text,
  onSaved,
}: {
  readonly text: PolicyText;
  readonly onSaved: (text: PolicyText) => void;
}): ReactElement {
  const store = useStore();
  const draft = useView((state) => state.draft);
  const original = text.brokenText ?? text.text;
  const value = draft?.text ?? original;
  const editor = useRef<TextEditorHandle>(null);
  const checking = useProblems(value);
  const [asking, setAsking] = useState(false);
  const [saving, setSaving] = useState(false);
  const [refusal, setRefusal] = useState<{ readonly kind: string; readonly words: string }>();
  const isBroken = checking.problems.some(({ severity }) => severity === 'error');
  const canSave = draft !== undefined && !isBroken && !checking.pending && !saving;
  // The file that the draft was begun from: what was put into it since is not overwritten unasked.
  const basedOn = draft === undefined ? (text.fileHash ?? null) : draft.basedOn;
  const write = (next: string) => {
    // The browser's own undo reaches the text behind the question, too.
    if (asking) return;
    store.send({
      kind: 'draft',
      draft: next === original ? undefined : { text: next, basedOn },
    });
  };
  const discard = () => {
    setRefusal(undefined);
    store.send({ kind: 'draft', draft: undefined });
  };

  async function save(overwrite: boolean): Promise<void> {
    setAsking(false);
    setRefusal(undefined);
    setSaving(true);
    const guarded = overwrite ? {} : { basedOn };
    const reply = await store.call('savePolicy', { text: value, ...guarded });
    setSaving(false);
    if (reply.ok) {
      onSaved(reply.value);
      store.say('good', 'The policy is saved and in force.');
    } else {
      const advice = 'advice' in reply.error ? ` ${reply.error.advice}` : '';
      setRefusal({ kind: reply.error.kind, words: `${reply.error.message}${advice}` });
    }
  }
  const close = () => setAsking(false);
  return (
    <div className={styles.editor}>
      {refusal === undefined ? null : (
        <Notice
          tone="alarm"
          title="Not saved."
          buttons={
            refusal.kind === 'changed-meanwhile' ? (
              <Button onClick={() => void save(true)}>Overwrite the file</Button>
            ) : null
          }
        >
          {oneLine(refusal.words, 600)}
        </Notice>
      )}
      <TextEditor
        ref={editor}
        label="Policy text, YAML"
        value={value}
        problems={checking.problems}
        onChange={write}
        onSave={() => (canSave ? setAsking(true) : undefined)}
      />
      <Problems
        problems={checking.problems}
        pending={checking.pending}
        failure={checking.failure}
        onJump={(line, column) => editor.current?.jumpTo(line, column)}
      />
      <div className={styles.foot}>
        <span className={styles.source}>Saving writes {oneLine(text.path, 200)}</span>
        <Button disabled={draft === undefined} onClick={discard}>
          Discard changes
        </Button>
        <Button look="primary" disabled={!canSave} onClick={() => setAsking(true)}>
          {saving ? 'Saving…' : 'Save…'}
        </Button>
      </div>
      {asking ? (
        <Question
          title="Put this policy in force?"
          onClose={close}
          buttons={
            <>
              <Button onClick={close}>Cancel</Button>
              <Button look="primary" onClick={() => void save(false)}>
                Save and put in force
              </Button>
            </>
          }
        >
          <p>
            It holds from now on. Whether it is the stricter one nobody can tell for you; the
            preview shows what it would have done. Today’s text stays under Versions.
          </p>
        </Question>
      ) : null}
    </div>
  );
}
