import type { ReactElement, ReactNode } from 'react';
import { dateAndTime } from '../../format/duration.ts';
import { countOf } from '../../format/number.ts';
import { oneLine } from '../../format/plain-text.ts';
import type { ContainerFacts } from '../../state/model.ts';
import styles from './container.module.css';

/** Lines of a list that are shown. */
const mostLines = 60;

/** How the container was made, in rows. All of it is text that others chose. */
export function madeFacts(
  facts: ContainerFacts,
): readonly { readonly name: string; readonly value: ReactNode }[] {
  const { createdAt, health, workingFolder } = facts;
  return [
    {
      name: 'Created',
      value: createdAt === undefined ? 'not known' : dateAndTime(createdAt, Date.now()),
    },
    { name: 'Image id', value: <code>{oneLine(facts.imageId.replace('sha256:', ''), 24)}</code> },
    { name: 'Command', value: <Lines lines={[facts.command.join(' ')]} /> },
    { name: 'Runs as', value: facts.user === '' ? 'root' : oneLine(facts.user, 80) },
    { name: 'Works in', value: workingFolder === '' ? '/' : oneLine(workingFolder, 200) },
    {
      name: 'Mounts',
      value: (
        <Lines
          lines={facts.mounts.map(
            ({ kind, source, target, writable }) =>
              `${source === '' ? kind : source} → ${target}, ${writable ? 'writable' : 'read only'}`,
          )}
        />
      ),
    },
    {
      name: 'Ports',
      value: (
        <Lines
          lines={facts.ports.map(({ port, offeredAt }) =>
            offeredAt === undefined ? `${port}, not offered` : `${offeredAt} → ${port}`,
          )}
        />
      ),
    },
    {
      name: 'Addresses',
      value: (
        <Lines
          lines={facts.addresses.map(({ network, addresses }) =>
            addresses.length === 0 ? network : `${network}: ${addresses.join(', ')}`,
          )}
        />
      ),
    },
    {
      name: 'Health',
      value:
        health === undefined
          ? 'no check'
          : oneLine(
              health.failures > 0
                ? `${health.state}, ${countOf(health.failures, 'failure')} in a row`
                : health.state,
            ),
    },
    { name: 'Privileged', value: facts.privileged ? 'yes: it may do what root may' : 'no' },
    { name: 'Root files', value: facts.readOnlyRoot ? 'read only' : 'writable' },
    {
      name: 'Capabilities',
      value: (
        <Lines
          none="Docker’s usual ones"
          lines={[
            ...facts.addedCapabilities.map((name) => `+ ${name}`),
            ...facts.droppedCapabilities.map((name) => `− ${name}`),
          ]}
        />
      ),
    },
    { name: 'Security', value: <Lines none="Docker’s usual" lines={facts.securityOptions} /> },
    { name: 'Devices', value: <Lines lines={facts.devices} /> },
    { name: 'Shares with host', value: <Lines lines={facts.hostNamespaces} /> },
    ...(facts.omitted > 0
      ? [
          {
            name: 'Left out',
            value: `${countOf(facts.omitted, 'more entry', 'more entries')} of these lists`,
          },
        ]
      : []),
  ];
}

function Lines({
  lines,
  none = 'none',
}: {
  readonly lines: readonly string[];
  readonly none?: string;
}): ReactElement {
  if (lines.length === 0) return <>{none}</>;
  return (
    <div className={styles.labels}>
      {lines.slice(0, mostLines).map((line, index) => (
        <span key={index}>{oneLine(line, 400)}</span>
      ))}
      {lines.length > mostLines ? <span>and {lines.length - mostLines} more</span> : null}
    </div>
  );
}
