import type { ReactElement } from 'react';
import { Sparkline } from '../../components/sparkline.tsx';
import { Section } from '../../components/section.tsx';
import { dateAndTime, roughSpan } from '../../format/duration.ts';
import { countOf, figure, grouped } from '../../format/number.ts';
import { oneLine } from '../../format/plain-text.ts';
import { callShare, callTrend } from '../../state/call-mix.ts';
import type { CallRate, CallsView, RareCall, WorkloadView } from '../../state/model.ts';
import { isRunning } from '../../state/model.ts';
import { sparkLength } from '../../state/series-book.ts';
import type { Store } from '../../state/store.ts';
import styles from './behaviour.module.css';
import { SightLine } from './sight-line.tsx';
import { useBehaviour } from './use-behaviour.ts';

/** Calls that are listed; the command line shows all. */
const mostCalls = 12;

const askCalls = (store: Store, target: string) => store.call('calls', { target });

/** Which system calls it makes now, against what it did before, and the rare ones. */
export function SystemCalls({ view }: { readonly view: WorkloadView }): ReactElement {
  const told = useBehaviour(askCalls, view.workload.container, isRunning(view.workload));
  return (
    <Section title="System calls" flush aside={told?.state === 'told' ? rateOf(told.view) : null}>
      {told === undefined ? (
        <p className={styles.note}>Asking the monitor…</p>
      ) : told.state === 'failed' ? (
        <p className={styles.note} role="alert">
          {oneLine(told.message, 400)}
        </p>
      ) : (
        <>
          <SightLine coverage={told.view.coverage} />
          {told.view.calls.length > 0 ? <Mix view={told.view} /> : null}
          <Rare calls={told.view.rare} />
        </>
      )}
    </Section>
  );
}

function rateOf({ perSecond, at }: CallsView): ReactElement | null {
  const last = perSecond.at(-1);
  if (last === undefined) return null;
  const values = new Float32Array(sparkLength).fill(Number.NaN);
  values.set(perSecond.slice(-sparkLength), sparkLength - Math.min(perSecond.length, sparkLength));
  return (
    <>
      <Sparkline values={values} version={at} floor={100} colour="cpu" />
      {`${grouped(last)} a second`}
    </>
  );
}

function Mix({ view }: { readonly view: CallsView }): ReactElement {
  const shown = view.calls.slice(0, mostCalls);
  const more = view.calls.length - shown.length + view.omitted;
  return (
    <div className={styles.table} role="region" aria-label="System calls now" tabIndex={0}>
      <table className={styles.calls}>
        <thead>
          <tr>
            <th scope="col">Call</th>
            <th scope="col">Now, a second</th>
            <th scope="col">
              {view.usualMs > 0 ? `In ${roughSpan(view.usualMs)} before` : 'Before'}
            </th>
            <th scope="col">Refused</th>
            <th scope="col">Share of all</th>
          </tr>
        </thead>
        <tbody>
          {shown.map((call) => (
            <CallRow key={call.name} call={call} view={view} />
          ))}
        </tbody>
      </table>
      {more > 0 ? <p className={styles.note}>and {countOf(more, 'call')} made less often</p> : null}
    </div>
  );
}

function CallRow({
  call,
  view,
}: {
  readonly call: CallRate;
  readonly view: CallsView;
}): ReactElement {
  const trend = callTrend(call, view.usualMs);
  const share = callShare(call, view.calls);
  return (
    <tr>
      <td>
        <code>{oneLine(call.name, 40)}</code>
        {trend === 'usual' ? null : <span className={styles.trend}>{trend}</span>}
      </td>
      <td>{figure(call.perSecond)}</td>
      <td>{view.usualMs > 0 ? figure(call.usualPerSecond) : '–'}</td>
      <td>{call.refusedPerSecond > 0 ? figure(call.refusedPerSecond) : '–'}</td>
      <td>
        <progress
          className={styles.share}
          max={1}
          value={share}
          aria-label={`Share of ${oneLine(call.name, 40)}`}
        />
      </td>
    </tr>
  );
}

function Rare({ calls }: { readonly calls: readonly RareCall[] }): ReactElement {
  if (calls.length === 0) return <p className={styles.note}>No rare call has been seen.</p>;
  return (
    <div className={styles.list} role="region" aria-label="Rare calls" tabIndex={0}>
      <ul>
        {calls.map((call, index) => (
          <li key={`${call.at} ${call.pid} ${index}`}>
            <time>{dateAndTime(call.at, Date.now())}</time>
            <span>
              <code>{oneLine(call.call, 40)}</code>
              {call.compat ? ' (32-bit)' : ''} {oneLine(call.target, 200)}{' '}
              {call.error === undefined ? 'was done' : `was refused with ${call.error}`}, by{' '}
              {oneLine(call.program, 200)} (process {call.pid})
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}
