import { useEffect, useRef, useState, type KeyboardEvent, type ReactElement } from 'react';
import { useKeptFocus } from '../../components/use-kept-focus.ts';
import { useWindowOfRows } from '../../components/use-window-of-rows.ts';
import { keepOrder, type ListOrder } from '../../state/container-list.ts';
import { freezeDeed, objection, type Deed } from '../../state/deeds.ts';
import type { ContainerId, WorkloadView } from '../../state/model.ts';
import { useStore, useView } from '../../state/use-store.ts';
import { SightLegend } from '../../components/sight-legend.tsx';
import { Columns, legendId } from './columns.tsx';
import styles from './container-list.module.css';
import { ContainerRow, rowHeight } from './container-row.tsx';
import { nextRow } from '../../components/next-row.ts';

/** A pointer that rests for so long is not about to press anything. */
const restMs = 6000;

/**
 * The containers as a grid. Arrow keys move from row to row, Enter opens, P, N and K act on the row.
 * While the pointer moves over the rows, or the focus is in them, their order holds still.
 */
export function ContainerList({
  views,
  order,
  onOrder,
}: {
  readonly views: readonly WorkloadView[];
  readonly order: ListOrder;
  readonly onOrder: (order: ListOrder) => void;
}): ReactElement {
  const store = useStore();
  const tick = useView((state) => state.tick);
  const pending = useView((state) => state.pending);
  const grid = useRef<HTMLDivElement>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const space = useRef<HTMLDivElement>(null);
  const resting = useRef<ReturnType<typeof setTimeout>>(undefined);
  const [active, setActive] = useState<ContainerId>();
  const [held, setHeld] = useState<readonly ContainerId[]>();
  const place = useRef(0);

  const rows = held === undefined ? views : keepOrder(views, held);
  const found = rows.findIndex(({ workload }) => workload.container === active);
  const activeIndex = found < 0 ? 0 : found;
  const { first, end } = useWindowOfRows(scroller, rowHeight, rows.length);
  // The row with the focus stays in the page when it is scrolled away, or the focus would be lost.
  const drawn = rows
    .map((view, index) => ({ view, index }))
    .filter(({ index }) => (index >= first && index < end) || index === activeIndex);

  useEffect(() => {
    space.current?.style.setProperty('height', `${rows.length * rowHeight}px`);
  }, [rows.length]);

  const hold = () => setHeld((before) => before ?? views.map(({ workload }) => workload.container));
  const letGo = () => {
    if (scroller.current?.contains(document.activeElement) !== true) setHeld(undefined);
  };
  const onPointer = () => {
    hold();
    clearTimeout(resting.current);
    resting.current = setTimeout(letGo, restMs);
  };
  useEffect(() => () => clearTimeout(resting.current), []);
  const open = ({ workload }: WorkloadView) =>
    store.go({ screen: 'container', container: workload.container });
  const activate = (index: number) => setActive(rows[index]?.workload.container);

  function moveTo(index: number): void {
    const element = scroller.current;
    if (element === null) return;
    activate(index);
    const top = index * rowHeight;
    if (top < element.scrollTop) element.scrollTop = top;
    const lowest = top + rowHeight - element.clientHeight;
    if (lowest > element.scrollTop) element.scrollTop = lowest;
    // The row is drawn in the next frame when it was out of sight.
    requestAnimationFrame(() =>
      element.querySelector<HTMLElement>(`[data-row="${index}"]`)?.focus({ preventScroll: true }),
    );
  }

  useEffect(() => {
    if (found >= 0) place.current = found;
  }, [found]);
  const focus = useKeptFocus(() => {
    if (found >= 0) {
      moveTo(found);
      return;
    }
    // Not on its neighbour, to which a key that was meant for it would be done. The arrows lead there.
    activate(Math.min(place.current, rows.length - 1));
    grid.current?.focus({ preventScroll: true });
    letGo();
  });

  function onKeyDown(event: KeyboardEvent): void {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const inRows =
      event.target instanceof Node && scroller.current?.contains(event.target) === true;
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / rowHeight) - 1);
    // From a column head, or the grid itself, the way down leads to the marked row first.
    const from = event.key === 'ArrowDown' && !inRows ? activeIndex - 1 : activeIndex;
    const target = nextRow(event.key, from, rows.length, page);
    const view = rows[activeIndex];
    if (target !== undefined) {
      event.preventDefault();
      moveTo(target);
      return;
    }
    // There no container is meant.
    if (view === undefined || !inRows) return;
    const onRow =
      event.target instanceof HTMLElement && event.target.getAttribute('role') === 'row';
    if (event.key === 'Enter' && onRow) {
      open(view);
      return;
    }
    const deed = deedOf(event.key, view);
    if (deed === undefined || objection(view, deed) !== undefined) return;
    event.preventDefault();
    store.request(deed, view.workload.container);
  }

  return (
    <>
      <div
        ref={grid}
        role="grid"
        tabIndex={-1}
        aria-label="Containers"
        aria-rowcount={rows.length + 1}
        className={styles.grid}
        onKeyDown={onKeyDown}
      >
        <Columns order={order} onOrder={onOrder} />
        <div
          ref={scroller}
          role="rowgroup"
          className={styles.rows}
          onMouseMove={onPointer}
          onMouseLeave={letGo}
          onFocus={() => {
            focus.onFocus();
            hold();
          }}
          onBlur={() => {
            focus.onBlur();
            requestAnimationFrame(letGo);
          }}
        >
          <div ref={space} role="presentation" className={styles.space}>
            {drawn.map(({ view, index }) => (
              <ContainerRow
                key={view.workload.container}
                view={view}
                sparks={store.series.of(view.workload.container)}
                tick={tick}
                index={index}
                active={index === activeIndex}
                doing={pending.get(view.workload.container)?.action as Deed | undefined}
                onActivate={activate}
                onOpen={open}
              />
            ))}
          </div>
        </div>
      </div>
      <div className={styles.legend}>
        <SightLegend label="The badges" />
      </div>
      <div id={legendId} popover="auto" className={styles.popover}>
        <SightLegend label="What the badges mean" />
      </div>
    </>
  );
}

function deedOf(key: string, view: WorkloadView): Deed | undefined {
  switch (key.toLowerCase()) {
    case 'p':
      return freezeDeed(view);
    case 'n':
      return 'quarantine';
    case 'k':
      return 'kill';
    default:
      return undefined;
  }
}
