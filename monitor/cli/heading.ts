import type { MonitorSnapshot } from '../rpc/service.ts';
import type { Paint } from './colour.ts';
import { countOf, percent, shortBytes, timeOfDay } from './figures.ts';
import { connectionSentence } from './sentence.ts';
import { cut, fit, oneLine } from './width.ts';

/** What a heading tells of the monitor. */
export type HeadingFacts = Omit<MonitorSnapshot, 'workloads'>;

/**
 * Two or more lines, none wider than `width` cells: the engine and what Sentra costs; the mode, the
 * policy and its problems; what was lost, where something was.
 */
export function headingLines(
  facts: HeadingFacts,
  containers: number,
  missed: number,
  width: number,
  paint: Paint,
): readonly string[] {
  const { engine, connection, policy, cost } = facts;
  const mark = facts.simulated ? 'SIMULATED' : 'Sentra';
  const time = timeOfDay(facts.at);
  const own = `Sentra ${percent(cost.cpuCores)} CPU ${shortBytes(cost.residentBytes)}`;
  const about =
    engine === undefined
      ? 'no engine'
      : `${oneLine(engine.name, 40)}  Docker ${oneLine(engine.version, 20)}  ${oneLine(engine.endpoint)}`;
  const left = width - mark.length - time.length - 4;
  const first = [
    paint(mark, facts.simulated ? 'alarm' : 'strong'),
    fit(about, Math.max(0, left)),
    paint(time, 'faint'),
  ].join('  ');
  const enforcing = policy.mode === 'enforce';
  const mode = enforcing ? 'enforce' : 'observe';
  const source = `policy ${oneLine(policy.source)}`;
  const second = `${countOf(containers, 'container')}  ${own}  ${source}`;
  const lines = [
    first,
    `${paint(mode, enforcing ? 'held' : 'news')}  ${cut(second, Math.max(0, width - mode.length - 2))}`,
  ];
  if (connection.state !== 'connected') {
    lines.push(paint(cut(connectionSentence(connection, facts.at), width), 'alarm'));
  }
  const broken = policy.problems.find(({ severity }) => severity === 'error');
  if (broken !== undefined) {
    const place = broken.line === undefined ? '' : ` line ${broken.line}:`;
    const text = `The policy file is broken, the last good one stays:${place} ${oneLine(broken.message)}`;
    lines.push(paint(cut(text, width), 'warning'));
  }
  const losses = facts.losses.filter(({ count }) => count > 0);
  const lost = [
    ...losses.map(({ what, count }) => `${count} ${oneLine(what)}`),
    ...(missed > 0 ? [`${missed} updates to this screen`] : []),
  ];
  if (lost.length > 0) lines.push(paint(cut(`Lost: ${lost.join(', ')}`, width), 'warning'));
  return lines;
}
