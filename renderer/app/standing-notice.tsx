import type { ReactElement } from 'react';
import { Button } from '../components/button.tsx';
import { Notice } from '../components/notice.tsx';
import { useStore, useView } from '../state/use-store.ts';
import { DemonstrationButton } from './demonstration-button.tsx';
import { Disturbance } from './disturbance.tsx';
import { HeldNotice } from './held-notice.tsx';
import { LockdownNotice } from './lockdown-notice.tsx';
import styles from './standing-notice.module.css';

/** What a person must know before they believe anything on the page. Nothing while all is well. */
export function StandingNotice(): ReactElement {
  const simulated = useView((state) => state.monitor?.simulated === true);
  const demonstration = useView((state) => state.shell?.demonstration === true);
  const problems = useView((state) => state.monitor?.policy.problems);
  const noTray = useView(
    (state) => state.shell !== undefined && state.shell.trayHost !== 'present',
  );
  const broken = problems?.some(({ severity }) => severity === 'error') === true;
  const onPolicy = useView((state) => state.route.screen === 'policy');
  const attachedTo = useView(({ shell }) =>
    shell?.monitor.state === 'running' ? shell.monitor.attachedTo : undefined,
  );
  const store = useStore();
  return (
    <div className={styles.notices}>
      {simulated ? (
        <Notice
          tone="warning"
          title="Simulated."
          buttons={demonstration ? <DemonstrationButton /> : undefined}
        >
          These containers do not exist: Sentra shows what it would look like.
        </Notice>
      ) : null}
      <Disturbance />
      <LockdownNotice />
      <HeldNotice />
      {broken ? (
        <Notice
          tone="warning"
          title="The policy file has errors."
          buttons={
            onPolicy ? undefined : (
              <Button onClick={() => store.go({ screen: 'policy' })}>Open the policy</Button>
            )
          }
        >
          The last good policy stays in force.
        </Notice>
      ) : null}
      {attachedTo === undefined ? null : (
        <Notice tone="plain" title="Another monitor of yours watches this engine.">
          {`Sentra shows what that one sees, and acts through it (process ${attachedTo}). When it ends, Sentra watches by itself.`}
        </Notice>
      )}
      {noTray ? (
        <Notice tone="plain" title="This desktop shows no tray icon.">
          Sentra shows this window in its place; closing it ends Sentra.
        </Notice>
      ) : null}
    </div>
  );
}
