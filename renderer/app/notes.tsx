import { useEffect, useRef, type ReactElement } from 'react';
import { IconButton } from '../components/button.tsx';
import { oneLine } from '../format/plain-text.ts';
import { useStore, useView } from '../state/use-store.ts';
import type { Note } from '../state/view-state.ts';
import styles from './notes.module.css';
import { classes } from '../components/classes.ts';

/** Answers to what the person did; the good ones leave by themselves, the others stay. */
export function Notes(): ReactElement {
  const notes = useView((state) => state.notes);
  const latest = notes.at(-1)?.id;
  const list = useRef<HTMLDivElement>(null);
  // Where they are higher than the window, the latest is in sight.
  useEffect(() => {
    // It returns a promise in newer browsers, which must not become what ends the effect.
    list.current?.scrollTo({ top: list.current.scrollHeight });
  }, [latest]);
  return (
    <div ref={list} className={styles.notes} role="log" aria-label="Answers">
      {notes.map((note) => (
        <NoteLine key={note.id} note={note} />
      ))}
    </div>
  );
}

const goodNoteMs = 9000;

function NoteLine({ note }: { readonly note: Note }): ReactElement {
  const store = useStore();
  const { id, tone, text } = note;
  useEffect(() => {
    if (tone !== 'good') return undefined;
    const timer = setTimeout(() => store.send({ kind: 'note-read', id }), goodNoteMs);
    return () => clearTimeout(timer);
  }, [store, id, tone]);
  return (
    <div className={classes(styles.note, styles[tone])}>
      <p>{oneLine(text, 400)}</p>
      <IconButton
        icon="close"
        label="Close this answer"
        onClick={() => store.send({ kind: 'note-read', id })}
      />
    </div>
  );
}
