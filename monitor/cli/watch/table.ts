import { sensorNames } from '../../model/coverage.ts';
import type { Moment } from '../../model/time.ts';
import type { WorkloadView } from '../../rpc/service/service.ts';
import { coverageBadges, coverageTone, stateBadge } from './badge.ts';
import type { Paint, Tone } from '../terminal/colour.ts';
import { percent, shortBytes } from '../terminal/figures.ts';
import { fit, oneLine } from '../terminal/width.ts';

/** A piece of a row: plain text, and what it stands for. */
interface Cell {
  readonly text: string;
  readonly tone: Tone;
}

interface Column {
  readonly title: string;
  /** In cells; the name takes what is left. */
  readonly width: number | 'rest';
  readonly side: 'left' | 'right';
  /** On a narrow terminal the columns with the highest number go first; 0 always stays. */
  readonly sacrifice: number;
  readonly cell: (view: WorkloadView) => Cell;
}

/** Below this the name says nothing any more. */
const narrowestName = 8;
const widestName = 48;

function figure(text: string | undefined): Cell {
  return text === undefined ? { text: '-', tone: 'faint' } : { text, tone: 'plain' };
}

const columns: readonly Column[] = [
  {
    title: 'STATE',
    width: 10,
    side: 'left',
    sacrifice: 0,
    cell: (view) => {
      const badge = stateBadge(view);
      return { text: badge.word, tone: badge.tone };
    },
  },
  {
    title: 'NAME',
    width: 'rest',
    side: 'left',
    sacrifice: 0,
    cell: ({ workload }) => ({ text: oneLine(workload.name), tone: 'strong' }),
  },
  {
    title: 'CPU',
    width: 5,
    side: 'right',
    sacrifice: 2,
    cell: ({ resource }) => figure(resource && percent(resource.cpuCores)),
  },
  {
    title: 'MEM',
    width: 5,
    side: 'right',
    sacrifice: 3,
    cell: ({ resource }) => figure(resource && shortBytes(resource.memoryBytes)),
  },
  {
    title: 'LIMIT',
    width: 5,
    side: 'right',
    sacrifice: 6,
    cell: ({ resource }) =>
      resource?.memoryLimited === true && resource.memoryLimitBytes > 0
        ? figure(percent(resource.memoryBytes / resource.memoryLimitBytes))
        : figure(undefined),
  },
  {
    title: 'PIDS',
    width: 5,
    side: 'right',
    sacrifice: 5,
    cell: ({ resource }) => figure(resource && String(resource.pids)),
  },
  {
    title: 'IN/s',
    width: 5,
    side: 'right',
    sacrifice: 8,
    cell: ({ resource }) => figure(resource?.network && shortBytes(resource.network.receivedBytes)),
  },
  {
    title: 'OUT/s',
    width: 5,
    side: 'right',
    sacrifice: 7,
    cell: ({ resource }) => figure(resource?.network && shortBytes(resource.network.sentBytes)),
  },
  {
    title: 'SEES',
    width: sensorNames.length,
    side: 'left',
    sacrifice: 4,
    cell: (view) => ({ text: coverageBadges(view), tone: coverageTone(view) }),
  },
  {
    title: 'OPEN',
    width: 10,
    side: 'left',
    sacrifice: 1,
    cell: (view) => ({
      text:
        view.findings.open === 0
          ? ''
          : `${view.findings.open} ${view.findings.worst ?? ''}`.trimEnd(),
      tone: stateBadge(view).tone,
    }),
  },
];

interface Layout {
  readonly columns: readonly { readonly column: Column; readonly width: number }[];
  readonly gap: string;
}

/** Which columns a line of `width` cells has room for, and how wide each is. */
function layOut(width: number, candidates: readonly Column[] = columns): Layout {
  const fixed = candidates.reduce((sum, { width: own }) => sum + (own === 'rest' ? 0 : own), 0);
  const gaps = candidates.length - 1;
  const roomy = width >= fixed + 2 * gaps + 24;
  const rest = width - fixed - (roomy ? 2 : 1) * gaps;
  const most = Math.max(...candidates.map(({ sacrifice }) => sacrifice));
  if (rest < narrowestName && most > 0) {
    return layOut(
      width,
      candidates.filter(({ sacrifice }) => sacrifice < most),
    );
  }
  const name = Math.min(widestName, Math.max(1, rest));
  return {
    columns: candidates.map((column) => ({
      column,
      width: column.width === 'rest' ? name : column.width,
    })),
    gap: roomy ? '  ' : ' ',
  };
}

/** The most urgent first, then by name; the order does not hang on figures, so rows keep still. */
export function inOrder(views: readonly WorkloadView[]): readonly WorkloadView[] {
  return views.toSorted(
    (left, right) =>
      stateBadge(left).urgency - stateBadge(right).urgency ||
      compareText(left.workload.name, right.workload.name) ||
      compareText(left.workload.container, right.workload.container),
  );
}

function compareText(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

/** A reading older than this, and than three of its intervals, is not shown as the present. */
const staleMs = 10_000;

/** A reading that is too old says nothing of now: a dash is more honest than its figures. */
function withoutStale(view: WorkloadView, now: Moment): WorkloadView {
  const { resource } = view;
  if (resource === undefined) return view;
  const isFresh = now - resource.at <= Math.max(staleMs, 3 * resource.intervalMs);
  return isFresh ? view : { ...view, resource: undefined };
}

/**
 * Title line and one line for each container, in the order given, none wider than `width` cells.
 * Readings are judged by how old they are at `now`.
 */
export function tableLines(
  views: readonly WorkloadView[],
  width: number,
  now: Moment,
  paint: Paint,
): readonly string[] {
  const { columns: shown, gap } = layOut(width);
  const line = (cellOf: (column: Column) => Cell): string =>
    shown
      .map(({ column, width: cells }) => {
        const { text, tone } = cellOf(column);
        return paint(fit(text, cells, column.side), tone);
      })
      .join(gap);
  return [
    line(({ title }) => ({ text: title, tone: 'faint' })),
    ...views.map((view) => {
      const shown = withoutStale(view, now);
      return line(({ cell }) => cell(shown));
    }),
  ];
}
