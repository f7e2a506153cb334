import { useMemo, useRef, useState, type ReactElement } from 'react';
import { Badge } from '../../components/badge.tsx';
import { classes } from '../../components/classes.ts';
import { EmptyState } from '../../components/empty-state.tsx';
import { Page } from '../../components/page.tsx';
import { useKeptRow } from '../../components/use-kept-row.ts';
import { oneLine } from '../../format/plain-text.ts';
import { shownView, type ShownBefore } from '../../state/egress-editing.ts';
import { isNewlyBlind } from '../../state/model.ts';
import type { ContainerId, Coverage, WorkloadView } from '../../state/model.ts';
import { knowsContainers } from '../../state/standing.ts';
import { useStore, useView } from '../../state/use-store.ts';
import { ContainerEgress } from './container-egress.tsx';
import styles from './egress.module.css';
import { HeldList } from './held-list.tsx';

/** Where containers talk to, and where they may. */
export function EgressScreen({
  selected,
}: {
  readonly selected: ContainerId | undefined;
}): ReactElement {
  const store = useStore();
  const workloads = useView((state) => state.workloads);
  const views = useMemo(
    () =>
      [...workloads.values()].sort((one, other) =>
        one.workload.name < other.workload.name ? -1 : 1,
      ),
    [workloads],
  );
  const isKnown = useView(knowsContainers);
  const list = useRef<HTMLUListElement>(null);
  const kept = useKeptRow(list);
  const [before, setBefore] = useState<ShownBefore>();
  const shown = shownView(views, selected, before);
  const isOther = before?.asked !== selected || before?.workload !== shown?.workload;
  if (shown !== undefined && isOther) setBefore({ asked: selected, workload: shown.workload });
  return (
    <Page title="Egress">
      <HeldList />
      {views.length === 0 ? (
        <EmptyState
          icon="egress"
          title={isKnown ? 'No container is watched' : 'Nothing is known yet'}
        >
          When one is, this page shows where it talks to, and lets you say where it may.
        </EmptyState>
      ) : (
        <div className={styles.split}>
          <ul ref={list} className={styles.containers} aria-label="Containers" {...kept}>
            {views.map((view) => (
              <li key={view.workload.container}>
                <Entry
                  view={view}
                  selected={view === shown}
                  onSelect={(container) => store.go({ screen: 'egress', container })}
                />
              </li>
            ))}
          </ul>
          {shown === undefined ? (
            <EmptyState icon="egress" title="This container is gone">
              Choose another beside it. What was not saved is kept until its workload is back.
            </EmptyState>
          ) : (
            <ContainerEgress key={shown.workload.container} view={shown} />
          )}
        </div>
      )}
    </Page>
  );
}

function Entry({
  view,
  selected,
  onSelect,
}: {
  readonly view: WorkloadView;
  readonly selected: boolean;
  readonly onSelect: (container: ContainerId) => void;
}): ReactElement {
  const { container, name } = view.workload;
  const sight = view.coverage.find(({ sensor }) => sensor === 'egress')?.sight;
  return (
    <button
      type="button"
      aria-current={selected ? 'true' : undefined}
      className={classes(styles.container, selected && styles.chosen)}
      onClick={() => onSelect(container)}
    >
      <span className={styles.name}>{oneLine(name, 60)}</span>
      {sight === undefined ? null : <Badge tone={toneOf(sight)}>{wordOf(sight)}</Badge>}
    </button>
  );
}

type Sight = Coverage['sight'];

function wordOf(sight: Sight): string {
  switch (sight.state) {
    case 'seeing':
      return sight.unguarded === true ? 'observed' : 'guarded';
    case 'partly':
      return 'in part';
    case 'blind':
      return sight.lasting === true ? 'not watched' : 'blind';
    case 'starting':
    case 'on-demand':
      return 'starting';
  }
}

function toneOf(sight: Sight): 'good' | 'plain' | 'critical' {
  if (isNewlyBlind(sight)) return 'critical';
  return sight.state === 'seeing' && sight.unguarded !== true ? 'good' : 'plain';
}
