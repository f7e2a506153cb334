import type { StartsView, TreeStart } from '../../rpc/service/service-behaviour.ts';
import { behaviourHeading } from './behaviour-heading.ts';
import { timeOfDay } from '../terminal/figures.ts';
import { cut, oneLine } from '../terminal/width.ts';

/** The newest process starts as a tree, as lines of at most `columns` cells; the newest that fit. */
export function startsLines(view: StartsView, columns: number, rows: number): readonly string[] {
  const tree = view.starts;
  const head = [...behaviourHeading(view), ''];
  const room = Math.max(3, rows - head.length - 2);
  const shown = tree.slice(-room);
  const earlier = tree.length - shown.length + view.omitted;
  const lines = [
    ...head,
    ...(earlier > 0 ? [`${earlier} earlier`] : []),
    ...shown.map(startLine),
    ...(tree.length === 0 ? ['No process was started since Sentra watches it.'] : []),
  ];
  return lines.map((line) => cut(line, columns));
}

function startLine(start: TreeStart): string {
  const { depth, at, pid, uid, program, arguments: words } = start;
  const marks = [
    start.fromOutside ? 'from outside' : '',
    start.inMemory ? 'IN MEMORY' : start.programIsNew ? 'new file' : '',
    start.network === undefined ? '' : `ON A CONNECTION TO ${oneLine(start.network.peer, 60)}`,
  ].filter((mark) => mark !== '');
  const said = words.slice(1).map((word) => oneLine(word, 80));
  return (
    `${timeOfDay(at)} ${String(pid).padStart(8)} ${uid === 0 ? 'root' : String(uid)}`.padEnd(24) +
    '  '.repeat(depth) +
    [oneLine(program, 120), ...said].join(' ') +
    (marks.length > 0 ? `  [${marks.join(', ')}]` : '')
  );
}
