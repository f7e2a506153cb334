import { useState, type ReactElement } from 'react';
import { Button } from '../../components/button.tsx';
import { Notice } from '../../components/notice.tsx';
import { isGuideSeen, markGuideSeen } from '../../state/guide-seen.ts';
import { useStore } from '../../state/use-store.ts';
import styles from './overview.module.css';

/** Leads who is new to the first steps, once. */
export function FirstStepsNotice(): ReactElement | null {
  const store = useStore();
  const [seen, setSeen] = useState(isGuideSeen);
  if (seen) return null;
  const wave = () => {
    markGuideSeen();
    setSeen(true);
  };
  return (
    <div className={styles.first}>
      <Notice
        tone="plain"
        title="New here?"
        buttons={
          <>
            <Button onClick={wave}>Not now</Button>
            <Button look="primary" onClick={() => store.go({ screen: 'guide' })}>
              First steps
            </Button>
          </>
        }
      >
        Three steps: what is watched, what is normal, what shall be done.
      </Notice>
    </div>
  );
}
