import type { ReactElement, ReactNode } from 'react';
import styles from '../styles/hidden.module.css';

/** For screen readers only. */
export function HiddenText({ children }: { readonly children: ReactNode }): ReactElement {
  return <span className={styles.hidden}>{children}</span>;
}
