import type { ReactElement } from 'react';
import { Button } from '../../components/button.tsx';
import { Notice } from '../../components/notice.tsx';
import { useLookedBack } from '../../state/use-looked-back.ts';
import { useStore } from '../../state/use-store.ts';
import styles from './overview.module.css';

/** After the first day, once: what would have been done stands on one page. */
export function LookBackNotice(): ReactElement {
  const store = useStore();
  const lookedBack = useLookedBack();
  return (
    <div className={styles.first}>
      <Notice
        tone="plain"
        title="A day was watched."
        buttons={
          <>
            <Button onClick={lookedBack}>Not now</Button>
            <Button look="primary" onClick={() => store.go({ screen: 'guide' })}>
              Look back
            </Button>
          </>
        }
      >
        One page: what would have been done, how often and to whom, with a switch for each rule.
      </Notice>
    </div>
  );
}
