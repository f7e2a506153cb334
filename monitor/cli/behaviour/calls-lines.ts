import type { CallsView, RareCall } from '../../rpc/service/service-behaviour.ts';
import { countOf, roughSpan, timeOfDay } from '../terminal/figures.ts';
import { behaviourHeading } from './behaviour-heading.ts';
import { cut, fit, oneLine } from '../terminal/width.ts';

/** Rare calls shown above the table; the rest is in --json. */
const mostRare = 8;

/** A call that is made so many times as often as usual, or so many times as seldom, is marked. */
const notable = 3;

/** What a container calls now against what it did before, as lines of at most `columns` cells. */
export function callsLines(view: CallsView, columns: number, rows: number): readonly string[] {
  const usual =
    view.usualMs > 0 ? `usual: the ${roughSpan(view.usualMs)} before` : 'nothing before to compare';
  const total = view.perSecond.at(-1) ?? 0;
  const lines = [
    ...behaviourHeading(view),
    `${countOf(total, 'call')} in the last second; now: the last 10 s; ${usual}`,
  ];
  if (view.rare.length > 0) {
    lines.push('', 'Rare calls, newest first:', ...view.rare.slice(0, mostRare).map(rareLine));
    const more = view.rare.length - mostRare;
    if (more > 0) lines.push(`  and ${more} more`);
  }
  lines.push(
    '',
    `${fit('call', 24)}${fit('now/s', 12, 'right')}${fit('usual/s', 12, 'right')}${fit('refused/s', 12, 'right')}`,
  );
  const room = Math.max(3, rows - lines.length - 1);
  for (const { name, perSecond, usualPerSecond, refusedPerSecond } of view.calls.slice(0, room)) {
    lines.push(
      fit(oneLine(name, 40), 24) +
        fit(figure(perSecond), 12, 'right') +
        fit(view.usualMs > 0 ? figure(usualPerSecond) : '–', 12, 'right') +
        fit(refusedPerSecond > 0 ? figure(refusedPerSecond) : '', 12, 'right') +
        markOf(view, perSecond, usualPerSecond),
    );
  }
  const left = view.calls.length - Math.min(room, view.calls.length) + view.omitted;
  if (left > 0) lines.push(`and ${left} more`);
  if (view.calls.length === 0) lines.push('No call yet.');
  return lines.map((line) => cut(line, columns));
}

function markOf({ usualMs }: CallsView, now: number, usual: number): string {
  // Against a minute at least: before, everything is news.
  if (usualMs < 60_000) return '';
  if (usual === 0) return now > 0 ? '  new' : '';
  if (now >= usual * notable && now > 1) return '  more';
  return now * notable <= usual && usual > 1 ? '  less' : '';
}

function rareLine({ at, call, compat, target, error, program, pid }: RareCall): string {
  const about = target === '' ? '' : ` ${oneLine(target, 120)}`;
  const name = `${compat ? 'i386:' : ''}${oneLine(call, 40)}`;
  return `  ${timeOfDay(at)}  ${name}${about}: ${error ?? 'done'}, by ${oneLine(program, 80)} (${pid})`;
}

/** Calls a second: `0.3`, `12`, `4500`. */
function figure(rate: number): string {
  if (rate === 0) return '0';
  return rate < 9.95 ? rate.toFixed(1) : rate.toFixed(0);
}
