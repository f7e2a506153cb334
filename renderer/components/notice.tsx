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
  ticking,
  buttons,
}: {
  readonly tone: NoticeTone;
  readonly title: string;
  readonly children?: ReactNode;
  /** What counts by itself. It is not read out, which would else happen each second. */
  readonly ticking?: string | undefined;
  readonly buttons?: ReactNode;
}): ReactElement {
  return (
    <div className={classes(styles.notice, styles[tone])}>
      <span className={styles.icon}>
        <Icon name={icons[tone]} />
      </span>
      <div className={styles.words}>
        <span role={tone === 'alarm' ? 'alert' : 'status'}>
          <strong>{title}</strong> {children}
        </span>
        {ticking === undefined ? null : ` ${ticking}`}
      </div>
      {buttons === undefined ? null : <div className={styles.buttons}>{buttons}</div>}
    </div>
  );
}
