import { useMemo, useState, type ReactElement } from 'react';
import { Choice } from '../../components/choice.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { Button } from '../../components/button.tsx';
import { Page } from '../../components/page.tsx';
import { SearchField } from '../../components/search-field.tsx';
import {
  listed,
  naturalOrder,
  type ListOrder,
  type StatusFilter,
} from '../../state/container-list.ts';
import { standingOf } from '../../state/standing.ts';
import { useView } from '../../state/use-store.ts';
import { ContainerList } from './container-list.tsx';
import { FirstStepsNotice } from './first-steps-notice.tsx';
import { LookBackNotice } from './look-back-notice.tsx';
import { NothingWatched } from './nothing-watched.tsx';
import styles from './overview.module.css';
import { Summary } from './summary.tsx';

const filters: readonly { readonly value: StatusFilter; readonly label: string }[] = [
  { value: 'all', label: 'All' },
  { value: 'running', label: 'Running' },
  { value: 'findings', label: 'Findings' },
  { value: 'held', label: 'Held' },
];

/** All watched containers, live. */
export function Overview(): ReactElement {
  const workloads = useView((state) => state.workloads);
  const watching = useView((state) => standingOf(state).state === 'watching');
  const lookBackDue = useView((state) => state.shell?.lookBackDue === true);
  const [words, setWords] = useState('');
  const [status, setStatus] = useState<StatusFilter>('all');
  const [order, setOrder] = useState<ListOrder>(() => naturalOrder('attention'));
  const views = useMemo(
    () => listed(workloads.values(), words, status, order),
    [workloads, words, status, order],
  );
  const reset = () => {
    setWords('');
    setStatus('all');
  };
  return (
    <Page title="Overview" aside={<Summary />}>
      {watching ? lookBackDue ? <LookBackNotice /> : <FirstStepsNotice /> : null}
      {workloads.size === 0 ? (
        <NothingWatched />
      ) : (
        <>
          <div className={styles.tools}>
            <SearchField
              label="Filter containers"
              placeholder="Name, image, project or id"
              value={words}
              onChange={setWords}
            />
            <Choice
              label="Which containers"
              options={filters}
              value={status}
              onChange={setStatus}
            />
            <span className={styles.count} role="status">
              {views.length === workloads.size ? '' : `${views.length} of ${workloads.size}`}
            </span>
          </div>
          {views.length === 0 ? (
            <EmptyState
              icon="search"
              title="No container matches"
              buttons={<Button onClick={reset}>Show all</Button>}
            >
              {workloads.size === 1
                ? 'The only watched container does not fit the filter.'
                : `None of the ${workloads.size} watched containers fits the filter.`}
            </EmptyState>
          ) : (
            <ContainerList views={views} order={order} onOrder={setOrder} />
          )}
        </>
      )}
    </Page>
  );
}
