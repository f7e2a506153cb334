import { useEffect, useRef, type KeyboardEvent, type ReactElement } from 'react';
import { Badge } from '../../components/badge.tsx';
import { classes } from '../../components/classes.ts';
import { Icon } from '../../components/icon.tsx';
import { nextRow } from '../../components/next-row.ts';
import { useWindowOfRows } from '../../components/use-window-of-rows.ts';
import { relativeTime } from '../../format/duration.ts';
import { oneLine } from '../../format/plain-text.ts';
import { containerName } from '../../words/container-name.ts';
import { kindName, muteOf } from '../../state/finding-list.ts';
import { wordOn } from '../../state/finding-word.ts';
import type { Finding } from '../../state/model.ts';
import { useNow } from '../../state/use-now.ts';
import { useView } from '../../state/use-store.ts';
import styles from './findings.module.css';

/** The height of every entry, in pixels. */
const rowHeight = 64;

/**
 * Findings to look at, and to choose several of. The arrow keys and a click show one beside the list;
 * the space key and a click on its box choose it, Ctrl+A chooses all. Showing and choosing are two
 * things: `aria-selected` says the first, `aria-checked` the second.
 */
export function FindingList({
  findings,
  selected,
  marked,
  onSelect,
  onToggle,
  onAll,
}: {
  readonly findings: readonly Finding[];
  /** The one that is shown. */
  readonly selected: string | undefined;
  /** Those that are chosen. */
  readonly marked: ReadonlySet<string>;
  readonly onSelect: (id: string) => void;
  readonly onToggle: (id: string) => void;
  readonly onAll: () => void;
}): ReactElement {
  const scroller = useRef<HTMLDivElement>(null);
  const space = useRef<HTMLDivElement>(null);
  const now = useNow(5000);
  const index = findings.findIndex(({ id }) => id === selected);
  const { first, end } = useWindowOfRows(scroller, rowHeight, findings.length);
  useEffect(() => {
    space.current?.style.setProperty('height', `${findings.length * rowHeight}px`);
  }, [findings.length]);
  useEffect(() => {
    const element = scroller.current;
    if (element === null || index < 0) return;
    const lowest = (index + 1) * rowHeight - element.clientHeight;
    element.scrollTop = Math.min(index * rowHeight, Math.max(lowest, element.scrollTop));
  }, [index]);

  function onKeyDown(event: KeyboardEvent): void {
    const current = findings[index];
    if (event.key === ' ' && current !== undefined) {
      event.preventDefault();
      onToggle(current.id);
      return;
    }
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'a') {
      event.preventDefault();
      onAll();
      return;
    }
    const page = Math.floor((scroller.current?.clientHeight ?? 0) / rowHeight);
    const target = nextRow(event.key, index, findings.length, page);
    const finding = target === undefined ? undefined : findings[target];
    if (finding === undefined) return;
    event.preventDefault();
    onSelect(finding.id);
  }

  return (
    <div
      ref={scroller}
      role="listbox"
      aria-label="Findings"
      aria-activedescendant={index < 0 ? undefined : `finding-${index}`}
      tabIndex={0}
      className={styles.list}
      onKeyDown={onKeyDown}
    >
      <div ref={space} role="presentation" className={styles.space}>
        {findings
          .map((finding, place) => ({ finding, place }))
          .filter(({ place }) => (place >= first && place < end) || place === index)
          .map(({ finding, place }) => (
            <Entry
              key={finding.id}
              finding={finding}
              place={place}
              count={findings.length}
              selected={place === index}
              checked={marked.has(finding.id)}
              now={now}
              onSelect={onSelect}
              onToggle={onToggle}
            />
          ))}
      </div>
    </div>
  );
}

function Entry({
  finding,
  place,
  count,
  selected,
  checked,
  now,
  onSelect,
  onToggle,
}: {
  readonly finding: Finding;
  readonly place: number;
  readonly count: number;
  readonly selected: boolean;
  readonly checked: boolean;
  readonly now: number;
  readonly onSelect: (id: string) => void;
  readonly onToggle: (id: string) => void;
}): ReactElement {
  const element = useRef<HTMLDivElement>(null);
  const workloads = useView((state) => state.workloads);
  const triage = useView((state) => state.monitor?.triage);
  useEffect(() => {
    element.current?.style.setProperty('transform', `translateY(${place * rowHeight}px)`);
  }, [place]);
  const { id, status, severity, kind, onsetAt } = finding;
  const { said } = wordOn(triage, finding);
  return (
    <div
      ref={element}
      id={`finding-${place}`}
      role="option"
      aria-selected={selected}
      aria-checked={checked}
      aria-posinset={place + 1}
      aria-setsize={count}
      className={classes(styles.entry, selected && styles.selected)}
      onClick={() => onSelect(id)}
    >
      <span
        className={styles.box}
        aria-hidden="true"
        data-box
        onClick={(event) => {
          event.stopPropagation();
          onToggle(id);
        }}
      >
        <span className={classes(styles.tick, checked && styles.ticked)}>
          {checked ? <Icon name="check" /> : null}
        </span>
      </span>
      <div className={styles.entryHead}>
        <Badge tone={status === 'open' ? severity : 'plain'}>
          {status === 'open' ? severity : `${severity}, over`}
        </Badge>
        <span className={styles.when}>{relativeTime(onsetAt, now)}</span>
      </div>
      <div className={styles.entryName}>{containerName(workloads, finding)}</div>
      <div className={styles.entryKind}>
        {said === 'false-alarm' ? 'False alarm: ' : ''}
        {oneLine(kindName(kind), 80)}
        {said === 'normal' ? ' · acknowledged' : ''}
        {muteOf(triage, finding, now) === undefined ? '' : ' · muted'}
      </div>
    </div>
  );
}
