import type { ReactElement } from 'react';
import { Facts, Section } from '../../components/section.tsx';
import { bytes } from '../../format/bytes.ts';
import { dateAndTime } from '../../format/duration.ts';
import { exactCores, figure } from '../../format/number.ts';
import { oneLine, shortId } from '../../format/plain-text.ts';
import type { Workload, WorkloadView } from '../../state/model.ts';
import { madeFacts } from './made-facts.tsx';
import { useContainerFacts } from './use-container-facts.ts';
import styles from './container.module.css';

/** What the engine says of it. All of it is text that others chose. */
export function DockerFacts({ view }: { readonly view: WorkloadView }): ReactElement {
  const { workload } = view;
  const { limits } = workload;
  const none = 'no limit';
  const labels = Object.entries(workload.labels);
  const reading = useContainerFacts(view);
  return (
    <Section title="What Docker says">
      {reading.state === 'failed' ? (
        <p className={styles.soft} role="alert">
          How it was made cannot be read: {oneLine(reading.message, 400)}
        </p>
      ) : null}
      <Facts
        facts={[
          { name: 'State', value: workload.state },
          {
            name: 'Started',
            value:
              workload.startedAt === undefined
                ? 'not known'
                : dateAndTime(workload.startedAt, Date.now()),
          },
          { name: 'Restarts', value: `${workload.restartCount}, policy ${workload.restartPolicy}` },
          { name: 'Image', value: oneLine(workload.image) },
          { name: 'Id', value: <code>{shortId(workload.container)}</code> },
          { name: 'Network', value: networkWords(workload.network) },
          {
            name: 'CPU limit',
            value: limits.cpus === undefined ? none : exactCores(limits.cpus),
          },
          {
            name: 'Memory limit',
            value: limits.memoryBytes === undefined ? none : bytes(limits.memoryBytes),
          },
          { name: 'Process limit', value: limits.pids === undefined ? none : figure(limits.pids) },
          { name: 'Runtime', value: oneLine(workload.runtime) },
          ...(reading.state === 'read' ? madeFacts(reading.facts) : []),
          {
            name: 'Labels',
            value:
              labels.length === 0 ? (
                'none'
              ) : (
                <div className={styles.labels}>
                  {labels.slice(0, 60).map(([name, value]) => (
                    <span key={name}>{oneLine(`${name}=${value}`, 160)}</span>
                  ))}
                  {labels.length > 60 ? <span>and {labels.length - 60} more</span> : null}
                </div>
              ),
          },
        ]}
      />
      {reading.state === 'reading' ? (
        <p className={styles.soft} role="status">
          Asking the engine how it was made…
        </p>
      ) : null}
    </Section>
  );
}

function networkWords(network: Workload['network']): string {
  switch (network.kind) {
    case 'own':
      return network.networks.length === 0 ? 'on none' : oneLine(network.networks.join(', '), 200);
    case 'host':
      return 'the host’s own: it cannot be told apart or cut off';
    case 'none':
      return 'none';
    case 'shared':
      return `that of ${oneLine(network.with, 80)}`;
  }
}
