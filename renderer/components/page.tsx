import type { ReactElement, ReactNode } from 'react';
import styles from './page.module.css';
import { classes } from './classes.ts';

/** A screen: its name, what stands beside it, and what is in it. */
export function Page({
  title,
  before,
  aside,
  scrolls = false,
  children,
}: {
  readonly title: string;
  /** In front of the title: the way back. */
  readonly before?: ReactNode;
  readonly aside?: ReactNode;
  /** Whether the page scrolls as a whole, or parts of it on their own. */
  readonly scrolls?: boolean;
  readonly children: ReactNode;
}): ReactElement {
  return (
    <div className={styles.page}>
      <header className={styles.header}>
        {before}
        <h1 className={styles.title} tabIndex={-1} data-page-title="">
          {title}
        </h1>
        <div className={styles.aside}>{aside}</div>
      </header>
      <div className={classes(styles.body, scrolls && styles.scrolls)}>{children}</div>
    </div>
  );
}
