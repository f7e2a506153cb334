import type { ReactElement } from 'react';
import { Badge } from '../../components/badge.tsx';
import { Facts, Section } from '../../components/section.tsx';
import { bytes } from '../../format/bytes.ts';
import { dateAndTime } from '../../format/duration.ts';
import { countOf } from '../../format/number.ts';
import { oneLine } from '../../format/plain-text.ts';
import type { ConnectionView } from '../../state/model.ts';
import { useView } from '../../state/use-store.ts';
import { EngineChoice } from './engine-choice.tsx';
import styles from './settings.module.css';

/** Which engine is watched, and how it was found. */
export function EngineSection(): ReactElement {
  const engine = useView((state) => state.monitor?.engine);
  const connection = useView((state) => state.monitor?.connection);
  const simulated = useView((state) => state.monitor?.simulated === true);
  return (
    <Section title="Engine" aside={connection === undefined ? null : badgeOf(connection)}>
      {engine === undefined ? (
        <p className={styles.soft}>No engine is known.</p>
      ) : (
        <Facts
          facts={[
            { name: 'Name', value: oneLine(engine.name, 120) },
            { name: 'Endpoint', value: <code>{oneLine(engine.endpoint, 200)}</code> },
            {
              name: 'Found through',
              value: simulated ? 'nothing: it is simulated' : oneLine(engine.source, 120),
            },
            {
              name: 'Version',
              value: `${oneLine(engine.version)}, API ${oneLine(engine.apiVersion)}`,
            },
            {
              name: 'Host',
              value: `${countOf(engine.hostCpus, 'core')}, ${bytes(engine.hostMemoryBytes)}`,
            },
            {
              name: 'Control groups',
              value: engine.cgroupVersion === undefined ? 'not known' : `v${engine.cgroupVersion}`,
            },
            ...(connection?.state === 'connected'
              ? [{ name: 'Connected since', value: dateAndTime(connection.since, Date.now()) }]
              : []),
          ]}
        />
      )}
      <EngineChoice />
    </Section>
  );
}

function badgeOf(connection: ConnectionView): ReactElement {
  switch (connection.state) {
    case 'connected':
      return <Badge tone="good">connected</Badge>;
    case 'reconnecting':
      return <Badge tone="critical">reconnecting</Badge>;
    case 'none':
      return <Badge tone="critical">none</Badge>;
  }
}
