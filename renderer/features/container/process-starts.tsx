import { useEffect, useRef, type ReactElement } from 'react';
import { Section } from '../../components/section.tsx';
import { dateAndTime } from '../../format/duration.ts';
import { grouped } from '../../format/number.ts';
import { oneLine } from '../../format/plain-text.ts';
import { isRunning, type ProcessStart, type WorkloadView } from '../../state/model.ts';
import type { Store } from '../../state/store.ts';
import styles from './behaviour.module.css';
import { SightLine } from './sight-line.tsx';
import { useBehaviour } from './use-behaviour.ts';

const askStarts = (store: Store, target: string) => store.call('starts', { target });

/** The newest process starts as a tree. */
export function ProcessStarts({ view }: { readonly view: WorkloadView }): ReactElement {
  const told = useBehaviour(askStarts, view.workload.container, isRunning(view.workload));
  return (
    <Section title="Process starts" flush>
      {told === undefined ? (
        <p className={styles.note}>Asking the monitor…</p>
      ) : told.state === 'failed' ? (
        <p className={styles.note} role="alert">
          {oneLine(told.message, 400)}
        </p>
      ) : (
        <>
          <SightLine coverage={told.view.coverage} />
          {told.view.omitted > 0 ? (
            <p className={styles.note}>{grouped(told.view.omitted)} earlier ones are not kept.</p>
          ) : null}
          {told.view.starts.length === 0 ? (
            <p className={styles.note}>No process was started since Sentra watches it.</p>
          ) : (
            <Tree starts={told.view.starts} />
          )}
        </>
      )}
    </Section>
  );
}

function Tree({ starts }: { readonly starts: readonly ProcessStart[] }): ReactElement {
  return (
    <div className={styles.list} role="region" aria-label="Tree of process starts" tabIndex={0}>
      <ul>
        {starts.map((start, index) => (
          <Row key={`${start.at} ${start.pid} ${index}`} start={start} />
        ))}
      </ul>
    </div>
  );
}

function Row({ start }: { readonly start: ProcessStart }): ReactElement {
  const { depth } = start;
  // By script and not as an attribute: the page's policy lets no inline style in.
  const element = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    element.current?.style.setProperty('padding-left', `${depth * 16}px`);
  }, [depth]);
  const words = start.arguments.slice(1).map((word) => oneLine(word, 200));
  return (
    <li>
      <time>{dateAndTime(start.at, Date.now())}</time>
      <span ref={element}>
        <code>{oneLine(start.program, 300)}</code> {words.join(' ')}
        {marksOf(start).map((mark) => (
          <span key={mark} className={styles.trend}>
            {mark}
          </span>
        ))}
        <span className={styles.soft}>
          process {start.pid}, user {start.uid}
          {depth === 0 ? `, beneath ${start.parentPid}` : ''}
        </span>
      </span>
    </li>
  );
}

function marksOf({ fromOutside, inMemory, programIsNew, network }: ProcessStart): string[] {
  return [
    ...(fromOutside ? ['from outside'] : []),
    ...(inMemory ? ['in memory'] : programIsNew ? ['new file'] : []),
    ...(network === undefined ? [] : [`on a connection to ${oneLine(network.peer, 60)}`]),
  ];
}
