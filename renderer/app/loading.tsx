import type { ReactElement } from 'react';
import { Page } from '../components/page.tsx';
import styles from './loading.module.css';

/** The outline of a list, until the monitor has answered for the first time. */
export function Loading(): ReactElement {
  return (
    <Page title="Connecting to the monitor">
      <div className={styles.rows} aria-hidden="true">
        {[1, 2, 3, 4, 5, 6].map((row) => (
          <div key={row} className={styles.row} />
        ))}
      </div>
      <p role="status" className={styles.words}>
        Finding the engine and reading what is known…
      </p>
    </Page>
  );
}
