import { memo, useEffect, useRef, type ReactElement } from 'react';
import { Badge } from '../../components/badge.tsx';
import { CoverageBadges } from '../../components/coverage-badges.tsx';
import { DeedButtons } from '../../components/deed-buttons.tsx';
import { Sparkline } from '../../components/sparkline.tsx';
import { byteRate, bytes } from '../../format/bytes.ts';
import { cores, countOf } from '../../format/number.ts';
import { oneLine } from '../../format/plain-text.ts';
import { deedWords, type Deed } from '../../state/deeds.ts';
import { isRunning, type WorkloadView } from '../../state/model.ts';
import { networkRate, sparkLength, type Sparks } from '../../state/series-book.ts';
import { hasSights } from '../../state/container-list.ts';
import { stateWord } from '../../words/state-word.ts';
import { CallsCell } from './calls-cell.tsx';
import styles from './container-list.module.css';
import { classes } from '../../components/classes.ts';

/** The height of every row, in pixels: as `--row` in the styles. */
export const rowHeight = 46;

const empty = new Float32Array(sparkLength).fill(Number.NaN);

interface RowProps {
  readonly view: WorkloadView;
  readonly sparks: Sparks | undefined;
  readonly tick: number;
  readonly index: number;
  readonly active: boolean;
  readonly doing: Deed | undefined;
  readonly onActivate: (index: number) => void;
  readonly onOpen: (view: WorkloadView) => void;
}

/** One container: what it is, how it stands, what it uses, what sees it, and what can be done. */
export const ContainerRow = memo(function ContainerRow(props: RowProps): ReactElement {
  const { view, sparks, tick, index, active, doing, onActivate, onOpen } = props;
  const { workload, resource, findings } = view;
  const element = useRef<HTMLDivElement>(null);
  useEffect(() => {
    element.current?.style.setProperty('transform', `translateY(${index * rowHeight}px)`);
  }, [index]);
  const { word, tone } = stateWord(view);
  // What does not run now shows what it used last, and looks so.
  const figure = classes(styles.figure, !isRunning(workload) && styles.stale);
  const rate = resource === undefined ? Number.NaN : networkRate(resource);
  return (
    <div
      ref={element}
      role="row"
      aria-rowindex={index + 2}
      aria-selected={active}
      data-row={index}
      tabIndex={active ? 0 : -1}
      className={classes(styles.columns, styles.row)}
      onFocus={() => onActivate(index)}
      onDoubleClick={() => onOpen(view)}
    >
      <div role="gridcell" className={styles.name}>
        <button
          type="button"
          className={styles.title}
          tabIndex={-1}
          onClick={() => onOpen(view)}
          title={oneLine(workload.name)}
        >
          {oneLine(workload.name)}
        </button>
        <div className={styles.image} title={oneLine(workload.image)}>
          {oneLine(workload.image)}
        </div>
      </div>
      <div role="gridcell" className={styles.state}>
        {doing === undefined ? (
          <Badge tone={tone}>{word}</Badge>
        ) : (
          <Badge tone="accent">{deedWords[doing].doing}…</Badge>
        )}
        {findings.open > 0 ? (
          <div className={styles.findings}>
            {findings.worst === 'info'
              ? `${findings.open} info`
              : countOf(findings.open, 'finding')}
          </div>
        ) : null}
      </div>
      <div role="gridcell" className={classes(styles.cpu, figure)}>
        <span>{resource === undefined ? '–' : cores(resource.cpuCores)}</span>
        <Sparkline values={sparks?.cpu ?? empty} version={tick} floor={0.1} colour="cpu" />
      </div>
      <div role="gridcell" className={classes(styles.memory, figure)}>
        <span>{resource === undefined ? '–' : bytes(resource.memoryBytes)}</span>
        <Sparkline values={sparks?.memory ?? empty} version={tick} floor={64e6} colour="memory" />
      </div>
      <div role="gridcell" className={classes(styles.network, figure)}>
        <span>{Number.isNaN(rate) ? '–' : byteRate(rate)}</span>
        <Sparkline values={sparks?.network ?? empty} version={tick} floor={16_384} colour="sent" />
      </div>
      <CallsCell values={sparks?.calls ?? empty} version={tick} />
      <div role="gridcell" className={styles.sees}>
        {hasSights(view) ? <CoverageBadges coverage={view.coverage} /> : null}
      </div>
      <div role="gridcell" className={styles.actions}>
        <DeedButtons view={view} reachable={active} />
      </div>
    </div>
  );
});
