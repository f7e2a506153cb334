import type { ReactElement } from 'react';
import { Button } from '../components/button.tsx';
import { Notice } from '../components/notice.tsx';
import { roughSpan } from '../format/duration.ts';
import { oneLine } from '../format/plain-text.ts';
import { helpFor, standingOf } from '../state/standing.ts';
import { useHelp } from '../state/use-help.ts';
import { useNow } from '../state/use-now.ts';
import { useStore, useView } from '../state/use-store.ts';
import { DemonstrationButton } from './demonstration-button.tsx';

/** What keeps Sentra from watching, with what to do. Nothing while it watches. */
export function Disturbance(): ReactElement | null {
  const shell = useView((state) => state.shell);
  const monitor = useView((state) => state.monitor);
  const failure = useView((state) => state.failure);
  const now = useNow();
  const standing = standingOf({ shell, monitor, failure });
  const again = (at: number | undefined) =>
    at === undefined || at <= now ? undefined : `Tried again in ${roughSpan(at - now)}.`;
  const within = (at: number) => (at <= now ? '' : ` in ${roughSpan(at - now)}`);
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
        <Notice
          tone="alarm"
          title="Monitoring stopped; it is being started again."
          ticking={`Attempt ${standing.attempt}${within(standing.nextAt)}.`}
        >
          {oneLine(standing.reason)} What is frozen or cut off stays so.
        </Notice>
      );
    case 'monitor-stopped':
      return (
        <Notice
          tone="alarm"
          title="Monitoring stopped. Nothing is watched."
          buttons={
            <>
              <HelpButton reason={standing.reason} />
              <StartButton label="Start watching" />
            </>
          }
        >
          {oneLine(`${standing.reason} ${standing.advice}`, 600)}
        </Notice>
      );
    case 'engine-lost':
      return (
        <Notice
          tone="alarm"
          title="The engine does not answer."
          ticking={`It has not answered for ${roughSpan(now - standing.since)}.`}
          buttons={<HelpButton reason={standing.error} />}
        >
          {oneLine(standing.error)} Sentra keeps trying; figures are the last known.
        </Notice>
      );
    case 'no-engine':
    case 'no-permission':
      return (
        <Notice
          tone="alarm"
          title={
            standing.state === 'no-engine'
              ? 'Nothing is watched: no engine answers.'
              : 'Nothing is watched: Docker does not let Sentra in.'
          }
          ticking={again(standing.nextAt)}
          buttons={
            <>
              <HelpButton reason={standing.reason} />
              <DemonstrationButton />
              <StartButton label="Look again" />
            </>
          }
        >
          {oneLine(`${standing.reason} ${standing.advice}`, 600)}
        </Notice>
      );
    case 'watched-elsewhere':
      return (
        <Notice
          tone="warning"
          title="Another monitor of yours watches this engine."
          ticking={again(standing.nextAt)}
          buttons={<StartButton label="Look again" />}
        >
          {oneLine(`${standing.reason} ${standing.advice}`, 600)}
        </Notice>
      );
    case 'unreadable':
      return (
        <Notice
          tone="alarm"
          title="The monitor did not answer."
          buttons={<StartButton label="Start it again" />}
        >
          {oneLine(standing.message, 400)}
        </Notice>
      );
  }
}

function StartButton({ label }: { readonly label: string }): ReactElement {
  const store = useStore();
  async function start(): Promise<void> {
    const reply = await store.call('restartMonitor', {});
    if (reply.ok) store.send({ kind: 'shell', shell: reply.value });
    else store.say('alarm', reply.error.message);
  }
  return (
    <Button look="primary" onClick={() => void start()}>
      {label}
    </Button>
  );
}

function HelpButton({ reason }: { readonly reason: string }): ReactElement {
  const help = useHelp();
  return <Button onClick={() => help(helpFor(reason))}>Instructions</Button>;
}
