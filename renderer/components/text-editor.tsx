import {
  useImperativeHandle,
  useMemo,
  useRef,
  type KeyboardEvent,
  type ReactElement,
  type Ref,
} from 'react';
import { classes } from './classes.ts';
import styles from './text-editor.module.css';

/** What others may have the editor do. */
export interface TextEditorHandle {
  /** Puts the cursor at a place; both count from 1. */
  jumpTo(line: number, column: number): void;
}

/** Something to mark at a line. */
export interface EditorProblem {
  readonly severity: 'error' | 'warning';
  readonly line: number | undefined;
}

const indent = '  ';
const lineHeight = 20;

/** A text with line numbers, and marks at the lines with problems. Tab indents; Escape lets Tab go. */
export function TextEditor({
  ref,
  label,
  value,
  problems,
  onChange,
  onSave,
}: {
  readonly ref: Ref<TextEditorHandle>;
  readonly label: string;
  readonly value: string;
  readonly problems: readonly EditorProblem[];
  readonly onChange: (value: string) => void;
  readonly onSave: () => void;
}): ReactElement {
  const area = useRef<HTMLTextAreaElement>(null);
  const gutter = useRef<HTMLDivElement>(null);
  const tabLeaves = useRef(false);
  const count = useMemo(() => value.split('\n').length, [value]);
  const marks = useMemo(() => {
    const worst = new Map<number, 'error' | 'warning'>();
    for (const { line, severity } of problems) {
      if (line !== undefined && worst.get(line) !== 'error') worst.set(line, severity);
    }
    return worst;
  }, [problems]);

  useImperativeHandle(ref, () => ({
    jumpTo(line, column) {
      const element = area.current;
      if (element === null) return;
      const lines = element.value.split('\n');
      const before = lines.slice(0, line - 1).reduce((sum, text) => sum + text.length + 1, 0);
      const at = before + Math.min(column - 1, lines[line - 1]?.length ?? 0);
      element.focus();
      element.setSelectionRange(at, at);
      element.scrollTop = Math.max(0, line * lineHeight - element.clientHeight / 2);
    },
  }));

  function onKeyDown(event: KeyboardEvent<HTMLTextAreaElement>): void {
    if (event.key === 'Escape') {
      tabLeaves.current = true;
      return;
    }
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 's') {
      event.preventDefault();
      onSave();
      return;
    }
    const indents = event.key === 'Tab' && !event.shiftKey && !tabLeaves.current;
    if (event.key !== 'Shift' && event.key !== 'Tab') tabLeaves.current = false;
    if (!indents) return;
    event.preventDefault();
    const { selectionStart, selectionEnd } = event.currentTarget;
    event.currentTarget.setRangeText(indent, selectionStart, selectionEnd, 'end');
    onChange(event.currentTarget.value);
  }

  return (
    <div className={styles.editor}>
      <div ref={gutter} className={styles.gutter} aria-hidden="true">
        {Array.from({ length: count }, (_, index) => {
          const mark = marks.get(index + 1);
          return (
            <div key={index} className={classes(styles.number, mark && styles[mark])}>
              {index + 1}
            </div>
          );
        })}
      </div>
      <textarea
        ref={area}
        aria-label={label}
        aria-invalid={problems.some(({ severity }) => severity === 'error')}
        className={styles.text}
        value={value}
        wrap="off"
        spellCheck={false}
        autoCapitalize="off"
        autoComplete="off"
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={onKeyDown}
        onBlur={() => {
          tabLeaves.current = false;
        }}
        onScroll={(event) => {
          if (gutter.current !== null) gutter.current.scrollTop = event.currentTarget.scrollTop;
        }}
      />
    </div>
  );
}
