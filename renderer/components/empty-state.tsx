import type { ReactElement, ReactNode } from 'react';
import styles from './empty-state.module.css';
import { Icon, type IconName } from './icon.tsx';

/** What stands where a list would be: why there is nothing, and what to do about it. */
export function EmptyState({
  icon,
  title,
  children,
  buttons,
}: {
  readonly icon: IconName;
  readonly title: string;
  readonly children?: ReactNode;
  readonly buttons?: ReactNode;
}): ReactElement {
  return (
    <div className={styles.empty}>
      <span className={styles.icon}>
        <Icon name={icon} />
      </span>
      <h2>{title}</h2>
      <div className={styles.words}>{children}</div>
      {buttons === undefined ? null : <div className={styles.buttons}>{buttons}</div>}
    </div>
  );
}
