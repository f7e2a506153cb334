import type { Action } from '../../model/action.ts';
import type { Finding, Severity } from '../../model/finding.ts';
import { isNewlyBlind } from '../../model/coverage.ts';
import type { Board } from './board.ts';
import { ownerName } from './board.ts';
import { coverageLegend, stateBadge } from './badge.ts';
import type { Paint, Tone } from '../terminal/colour.ts';
import { countOf, timeOfDay } from '../terminal/figures.ts';
import { headingLines } from './heading.ts';
import { actionSentence, findingSentence } from '../terminal/sentence.ts';
import { inOrder, tableLines } from './table.ts';
import { cut, fit, oneLine, wrap } from '../terminal/width.ts';

/** The tail of news has at most so many entries, each of at most two lines. */
const newsEntries = 6;
const newsLines = 2;

/** Lines that the news keeps when there are more containers than rows. */
const leastNewsLines = 6;

/** Blind spots that are spelled out beneath the table. */
const blindSpotLines = 3;

interface News {
  readonly at: number;
  readonly word: string;
  readonly tone: Tone;
  readonly text: string;
}

/** The tone of a severity. */
export function severityTone(severity: Severity): Tone {
  switch (severity) {
    case 'critical':
    case 'high':
      return 'alarm';
    case 'medium':
    case 'low':
      return 'warning';
    case 'info':
      return 'faint';
  }
}

function newsOfFinding(board: Board, finding: Finding): News {
  const closed = finding.status === 'closed';
  return {
    at: toldAt(finding),
    word: closed ? 'over' : finding.severity,
    tone: closed ? 'faint' : severityTone(finding.severity),
    text: findingSentence(finding, ownerName(board, finding)),
  };
}

/** When it began, or ended: an open one is told again and again, and is no news by that. */
function toldAt({ status, at, onsetAt }: Finding): number {
  return status === 'closed' ? at : onsetAt;
}

function newsOfAction(board: Board, action: Action): News {
  return {
    at: action.finishedAt ?? action.startedAt,
    word: action.outcome.state === 'would-have' ? 'observed' : 'action',
    tone: action.outcome.state === 'failed' ? 'alarm' : 'held',
    text: actionSentence(action, ownerName(board, action)),
  };
}

function latestNews(board: Board): readonly News[] {
  // Only the latest are put into words: there may be thousands.
  const findings = [...board.findings.values()]
    .toSorted((left, right) => toldAt(left) - toldAt(right))
    .slice(-newsEntries);
  const actions = [...board.actions.values()].filter(({ name }) => name !== 'notify');
  return [
    ...findings.map((finding) => newsOfFinding(board, finding)),
    ...actions.slice(-newsEntries).map((action) => newsOfAction(board, action)),
  ]
    .toSorted((left, right) => left.at - right.at)
    .slice(-newsEntries);
}

/** The latest entries that fit into `most` lines, oldest first. */
function newsBlock(board: Board, width: number, most: number, paint: Paint): readonly string[] {
  const block: string[] = [];
  for (const { at, word, tone, text } of latestNews(board).toReversed()) {
    const lead = `${timeOfDay(at)}  ${fit(word, 8)}  `;
    const [first = '', ...more] = wrap(text, Math.max(1, width - lead.length), '', newsLines);
    if (block.length + 1 + more.length > most) break;
    block.unshift(
      `${paint(timeOfDay(at), 'faint')}  ${paint(fit(word, 8), tone)}  ${first}`,
      ...more.map((line) => ' '.repeat(lead.length) + line),
    );
  }
  return block;
}

function blindSpots(board: Board, width: number, paint: Paint): readonly string[] {
  const spots = [...board.workloads.values()].flatMap((view) =>
    view.coverage.flatMap(({ sensor, sight }) => {
      if (sight.state !== 'blind' && sight.state !== 'partly') return [];
      if (sight.state === 'blind' && !isNewlyBlind(sight)) return [];
      const extent = sight.state === 'blind' ? 'is blind' : 'sees only in part';
      const text = `${oneLine(view.workload.name, 40)}: the ${sensor} sensor ${extent}: ${oneLine(sight.reason)}`;
      return [paint(cut(text, width), sight.state === 'blind' ? 'alarm' : 'warning')];
    }),
  );
  const shown = spots.slice(0, blindSpotLines);
  const rest = spots.length - shown.length;
  return rest > 0 ? [...shown, paint(`… and ${rest} more`, 'faint')] : shown;
}

/**
 * The whole screen as lines, at most `rows` of at most `columns` cells: heading, table, blind spots,
 * legend, the latest findings and actions.
 */
export function frameLines(
  board: Board,
  size: { readonly columns: number; readonly rows: number },
  paint: Paint,
): readonly string[] {
  const width = size.columns;
  const views = inOrder([...board.workloads.values()]);
  const heading = headingLines(board.snapshot, views.length, board.missed, width, paint);
  const spots = blindSpots(board, width, paint);
  const legend = paint(cut(coverageLegend, width), 'faint');
  // Blank line and titles above the rows; legend and blank line beneath.
  const left = size.rows - heading.length - spots.length - 4;
  const news = newsBlock(board, width, Math.max(leastNewsLines, left - views.length), paint);
  const beneath = [...spots, legend, ...(news.length > 0 ? ['', ...news] : [])];
  const room = Math.max(1, size.rows - heading.length - beneath.length - 2);
  const shown = views.length <= room ? views : views.slice(0, Math.max(0, room - 1));
  const hidden = views.slice(shown.length);
  const table =
    views.length === 0
      ? [paint(cut('No container is watched now. Start one and it appears here.', width), 'faint')]
      : tableLines(shown, width, board.snapshot.at, paint);
  const more = hidden.length > 0 ? [paint(cut(hiddenWords(hidden), width), 'faint')] : [];
  return [...heading, '', ...table, ...more, ...beneath].slice(0, size.rows);
}

/** The rows that had no room are the calmest; what they are is said all the same. */
function hiddenWords(hidden: Parameters<typeof inOrder>[0]): string {
  const words = new Map<string, number>();
  for (const view of hidden) {
    const { word } = stateBadge(view);
    words.set(word, (words.get(word) ?? 0) + 1);
  }
  const parts = [...words].map(([word, count]) => `${count} ${word}`);
  return `… and ${countOf(hidden.length, 'container')} more: ${parts.join(', ')}`;
}
