import type { ReactElement } from 'react';
import { Button } from '../components/button.tsx';
import { Notice } from '../components/notice.tsx';
import { roughSpan } from '../format/duration.ts';
import { oneLine } from '../format/plain-text.ts';
import { helpFor, standingOf } from '../state/standing.ts';
import { useNow } from '../state/use-now.ts';
import { useStore, useView } from '../state/use-store.ts';
import styles from './standing-notice.module.css';

/** What a person must know before they believe anything on the page. Nothing while all is well. */
export function StandingNotice(): ReactElement {
  const simulated = useView((state) => state.monitor?.simulated === true);
  const problems = useView((state) => state.monitor?.policy.problems);
  const noTray = useView((state) => state.shell?.trayHost === 'absent');
  const broken = problems?.some(({ severity }) => severity === 'error') === true;
  const store = useStore();
  return (
    <div className={styles.notices}>
      {simulated ? (
        <Notice tone="warning" title="Simulated.">
          These containers do not exist: Sentra shows what it would look like.
        </Notice>
      ) : null}
      <Disturbance />
      {broken ? (
        <Notice
          tone="warning"
          title="The policy file has errors."
          buttons={<Button onClick={() => store.go({ screen: 'policy' })}>Open the policy</Button>}
        >
          The last good policy stays in force.
        </Notice>
      ) : null}
      {noTray ? (
        <Notice tone="plain" title="This desktop has no place for a tray icon.">
          Sentra shows this window in its place; closing it ends Sentra.
        </Notice>
      ) : null}
    </div>
  );
}

function Disturbance(): ReactElement | null {
  const store = useStore();
  const shell = useView((state) => state.shell);
  const monitor = useView((state) => state.monitor);
  const failure = useView((state) => state.failure);
  const now = useNow();
  const standing = standingOf({ ...store.getState(), shell, monitor, failure });
  const restart = (
    <Button look="primary" onClick={() => void store.call('restartMonitor', {})}>
      Start watching
    </Button>
  );
  const helpButton = (reason: string) => (
    <Button onClick={() => void store.call('openHelp', { topic: helpFor(reason) })}>
      Open the instructions
    </Button>
  );
  switch (standing.state) {
    case 'watching':
    case 'loading':
      return null;
    case 'monitor-starting':
      return (
        <Notice tone="warning" title="The monitor is starting.">
          Figures are the last known until it is there.
        </Notice>
      );
    case 'monitor-restarting':
      return (
        <Notice tone="alarm" title="Monitoring stopped; it is being started again.">
          {oneLine(standing.reason)} Attempt {standing.attempt}
          {standing.nextAt > now ? ` in ${roughSpan(standing.nextAt - now)}` : ''}. What is frozen
          or cut off stays so.
        </Notice>
      );
    case 'monitor-stopped':
      return (
        <Notice
          tone="alarm"
          title="Monitoring stopped. Nothing is watched."
          buttons={
            <>
              {helpButton(standing.reason)}
              {restart}
            </>
          }
        >
          {oneLine(standing.reason)} {oneLine(standing.advice)}
        </Notice>
      );
    case 'engine-lost':
      return (
        <Notice
          tone="alarm"
          title={`The engine has not answered for ${roughSpan(now - standing.since)}.`}
          buttons={helpButton(standing.error)}
        >
          {oneLine(standing.error)} Sentra keeps trying; figures are the last known.
        </Notice>
      );
    case 'no-engine':
      return (
        <Notice tone="alarm" title="No Docker engine was found." buttons={helpButton('not found')}>
          Install or start Docker, then start watching.
        </Notice>
      );
    case 'unreadable':
      return (
        <Notice tone="alarm" title="The monitor did not answer." buttons={restart}>
          {oneLine(standing.message)}
        </Notice>
      );
  }
}
