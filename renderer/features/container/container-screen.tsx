import type { ReactElement } from 'react';
import { Badge } from '../../components/badge.tsx';
import { Button, IconButton } from '../../components/button.tsx';
import { CoverageBadges } from '../../components/coverage-badges.tsx';
import { DeedButtons } from '../../components/deed-buttons.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { Page } from '../../components/page.tsx';
import { oneLine } from '../../format/plain-text.ts';
import { hasSights } from '../../state/container-list.ts';
import type { ContainerId, WorkloadView } from '../../state/model.ts';
import { knowsContainers } from '../../state/standing.ts';
import { stateWord } from '../../words/state-word.ts';
import { useStore, useView } from '../../state/use-store.ts';
import { Charts } from './charts.tsx';
import styles from './container.module.css';
import { DockerFacts } from './docker-facts.tsx';
import { HeldNotice } from './held-notice.tsx';
import { LearningLine } from './learning-line.tsx';
import { OpenFindings } from './open-findings.tsx';
import { Processes } from './processes.tsx';
import { ProcessStarts } from './process-starts.tsx';
import { SystemCalls } from './system-calls.tsx';
import { Sight } from './sight.tsx';
import { Timeline } from './timeline.tsx';

type Part = (props: { readonly view: WorkloadView }) => ReactElement | null;

/** The parts of the screen from top to bottom; each takes the whole width. */
const wideParts: readonly Part[] = [HeldNotice, OpenFindings, Charts];

/** Beside the timeline, from top to bottom. */
const narrowParts: readonly Part[] = [Sight, DockerFacts];

/** Below them, over the whole width again. */
const lowerParts: readonly Part[] = [SystemCalls, ProcessStarts, Processes];

/** One container in full. */
export function ContainerScreen({ container }: { readonly container: ContainerId }): ReactElement {
  const store = useStore();
  const view = useView((state) => state.workloads.get(container));
  const isKnown = useView(knowsContainers);
  const back = <IconButton icon="back" label="Back" onClick={() => goBack()} />;
  function goBack(): void {
    if (store.getState().trail.length > 0) store.back();
    else store.go({ screen: 'overview' });
  }
  if (view === undefined) {
    return (
      <Page title="Container" before={back}>
        <EmptyState
          icon="box"
          title={isKnown ? 'This container is gone' : 'Nothing is known of it yet'}
          buttons={
            <Button onClick={() => store.go({ screen: 'overview' })}>Show all containers</Button>
          }
        >
          {isKnown
            ? 'The engine does not have it any more. What was found and done is kept under Findings.'
            : 'It is shown here as soon as it is watched.'}
        </EmptyState>
      </Page>
    );
  }
  const { word, tone } = stateWord(view);
  return (
    <Page
      title={oneLine(view.workload.name, 80)}
      before={back}
      aside={<DeedButtons view={view} large />}
      scrolls
    >
      <div className={styles.standing}>
        <Badge tone={tone}>{word}</Badge>
        {hasSights(view) ? <CoverageBadges coverage={view.coverage} /> : null}
        <span className={styles.image}>{oneLine(view.workload.image)}</span>
        <LearningLine learning={view.learning} />
      </div>
      <div className={styles.stack}>
        <Parts of={wideParts} view={view} />
        <div className={styles.pair}>
          <Timeline view={view} />
          <div className={styles.stack}>
            <Parts of={narrowParts} view={view} />
          </div>
        </div>
        <Parts of={lowerParts} view={view} />
      </div>
    </Page>
  );
}

function Parts({
  of,
  view,
}: {
  readonly of: readonly Part[];
  readonly view: WorkloadView;
}): ReactElement {
  return (
    <>
      {of.map((Each, place) => (
        <Each key={place} view={view} />
      ))}
    </>
  );
}
