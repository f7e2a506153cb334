import type { MonitorSnapshot } from '../../rpc/service/service.ts';
import type { Paint } from '../terminal/colour.ts';
import { countOf, percent, shortBytes, timeOfDay } from '../terminal/figures.ts';
import { connectionSentence } from '../terminal/sentence.ts';
import { cut, fit, oneLine, wrap } from '../terminal/width.ts';

/** What a heading tells of the monitor. */
export type HeadingFacts = Omit<MonitorSnapshot, 'workloads'>;

/** A problem of the policy takes so many lines at most. */
const problemLines = 3;

/**
 * Two or more lines, none wider than `width` cells: the engine and what Sentra costs; the mode, the
 * policy and its problems; what waits for an answer or was lost, where something does or was.
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
  const leftOut = facts.leftOut > 0 ? ` (${facts.leftOut} not watched)` : '';
  const second = `${countOf(containers, 'container')}${leftOut}  ${own}  ${source}`;
  const lines = [
    first,
    `${paint(mode, enforcing ? 'held' : 'news')}  ${cut(second, Math.max(0, width - mode.length - 2))}`,
  ];
  const { lockdown } = facts;
  if (lockdown !== undefined) {
    const words = `LOCKED DOWN since ${timeOfDay(lockdown.since)} by ${oneLine(lockdown.by, 80)}: egress of all containers is cut; sentra egress lift ends it`;
    lines.push(paint(cut(words, width), 'held'));
  }
  const held = (facts.held ?? []).filter(({ state }) => state.kind === 'waiting').length;
  if (held > 0) {
    const are = held === 1 ? 'is' : 'are';
    const words = `${countOf(held, 'connection')} ${are} held until somebody answers: sentra egress held`;
    lines.push(paint(cut(words, width), 'warning'));
  }
  if (connection.state !== 'connected') {
    lines.push(paint(cut(connectionSentence(connection, facts.at), width), 'alarm'));
  }
  const broken = policy.problems.find(({ severity }) => severity === 'error');
  if (broken !== undefined) {
    // What has no line is a sentence of its own: the file is not there, or cannot be read.
    const text =
      broken.line === undefined
        ? `Policy: ${oneLine(broken.message, 400)}`
        : `The policy file is broken, the last good one stays: line ${broken.line}: ${oneLine(broken.message, 400)}`;
    for (const line of wrap(text, width, '  ', problemLines)) lines.push(paint(line, 'warning'));
  }
  const losses = facts.losses.filter(({ count }) => count > 0);
  const lost = [
    // What was lost is named in the plural.
    ...losses.map(({ what, count }) => `${oneLine(what)} (${count})`),
    ...(missed > 0 ? [`updates to this screen (${missed})`] : []),
  ];
  if (lost.length > 0) lines.push(paint(cut(`Lost: ${lost.join(', ')}`, width), 'warning'));
  return lines;
}
