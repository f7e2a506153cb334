import type { ReactElement, ReactNode } from 'react';
import styles from './notice.module.css';
import { Icon, type IconName } from './icon.tsx';
import { classes } from './classes.ts';

export type NoticeTone = 'plain' | 'warning' | 'alarm' | 'good';

const icons: Readonly<Record<NoticeTone, IconName>> = {
  plain: 'guide',
  warning: 'finding',
  alarm: 'finding',
  good: 'check',
};

/** A line that says how things stand and what to do. `alarm` is read out at once. */
export function Notice({
  tone,
  title,
  children,
  buttons,
}: {
  readonly tone: NoticeTone;
  readonly title: string;
  readonly children?: ReactNode;
  readonly buttons?: ReactNode;
}): ReactElement {
  return (
    <div
      className={classes(styles.notice, styles[tone])}
      role={tone === 'alarm' ? 'alert' : 'status'}
    >
      <span className={styles.icon}>
        <Icon name={icons[tone]} />
      </span>
      <div className={styles.words}>
        <strong>{title}</strong> {children}
      </div>
      {buttons === undefined ? null : <div className={styles.buttons}>{buttons}</div>}
    </div>
  );
}
