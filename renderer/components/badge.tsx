import type { ReactElement, ReactNode } from 'react';
import styles from './badge.module.css';
import { classes } from './classes.ts';

/** What a word's colour says: a severity, or how things stand. */
export type Tone =
  'critical' | 'high' | 'medium' | 'low' | 'info' | 'good' | 'held' | 'accent' | 'plain';

/** A word or two in a coloured box; the word alone says it, the colour only helps. */
export function Badge({
  tone,
  title,
  children,
}: {
  readonly tone: Tone;
  readonly title?: string | undefined;
  readonly children: ReactNode;
}): ReactElement {
  return (
    <span className={classes(styles.badge, styles[tone])} title={title}>
      {children}
    </span>
  );
}

/** A small mark in front of a name. What it means stands in words beside it. */
export function Dot({ tone, hollow = false }: { readonly tone: Tone; readonly hollow?: boolean }) {
  return (
    <span
      className={classes(styles.dot, styles[tone], hollow && styles.hollow)}
      aria-hidden="true"
    />
  );
}
