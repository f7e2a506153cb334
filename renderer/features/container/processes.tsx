import { useState, type ReactElement } from 'react';
import { Button } from '../../components/button.tsx';
import { Section } from '../../components/section.tsx';
import { timeOfDay } from '../../format/duration.ts';
import { oneLine } from '../../format/plain-text.ts';
import { isRunning, type ProcessList, type WorkloadView } from '../../state/model.ts';
import { useStore } from '../../state/use-store.ts';
import styles from './container.module.css';

type Reading =
  | { readonly state: 'unread' }
  | { readonly state: 'reading' }
  | { readonly state: 'read'; readonly list: ProcessList }
  | { readonly state: 'failed'; readonly message: string };

/** Its processes, on demand: each look has the engine run a `ps`. */
export function Processes({ view }: { readonly view: WorkloadView }): ReactElement {
  const store = useStore();
  const [reading, setReading] = useState<Reading>({ state: 'unread' });
  const { container } = view.workload;
  const lives = isRunning(view.workload) || view.workload.state === 'paused';
  async function read(): Promise<void> {
    setReading({ state: 'reading' });
    const reply = await store.call('processes', { container });
    if (reply.ok) {
      setReading({ state: 'read', list: reply.value });
      return;
    }
    const advice = 'advice' in reply.error ? ` ${reply.error.advice}` : '';
    setReading({ state: 'failed', message: `${reply.error.message}${advice}` });
  }
  return (
    <Section
      title="Processes"
      flush
      aside={
        <>
          {reading.state === 'read' ? `as of ${timeOfDay(reading.list.at)}` : null}
          <Button disabled={!lives || reading.state === 'reading'} onClick={() => void read()}>
            {reading.state === 'read' ? 'List again' : 'List processes'}
          </Button>
        </>
      }
    >
      {content(reading, lives)}
    </Section>
  );
}

function content(reading: Reading, lives: boolean): ReactElement {
  switch (reading.state) {
    case 'unread':
      return (
        <p className={styles.empty}>
          {lives
            ? 'Listed when you ask, for each look has the engine run a ps.'
            : 'It does not run: there are none.'}
        </p>
      );
    case 'reading':
      return (
        <p className={styles.empty} role="status">
          Asking the engine…
        </p>
      );
    case 'failed':
      return (
        <p className={styles.empty} role="alert">
          {oneLine(reading.message, 400)}
        </p>
      );
    case 'read':
      return <Table list={reading.list} />;
  }
}

function Table({ list }: { readonly list: ProcessList }): ReactElement {
  return (
    <div className={styles.table} role="region" aria-label="Process list" tabIndex={0}>
      <table className={styles.processes}>
        <thead>
          <tr>
            <th scope="col">PID</th>
            <th scope="col">Parent</th>
            <th scope="col">User</th>
            <th scope="col">Command</th>
          </tr>
        </thead>
        <tbody>
          {list.processes.map(({ pid, parentPid, user, command }) => (
            <tr key={pid}>
              <td>{pid}</td>
              <td>{parentPid ?? '–'}</td>
              <td>{oneLine(user, 40)}</td>
              <td>{oneLine(command, 1000)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {list.omitted > 0 ? <p className={styles.empty}>and {list.omitted} more</p> : null}
    </div>
  );
}
