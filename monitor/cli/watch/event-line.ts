import { isNewlyBlind, type Sight } from '../../model/coverage.ts';
import { isRunning } from '../../model/workload.ts';
import { assertNever } from '../../runtime/assert-never.ts';
import type { MonitorEvent } from '../../rpc/service/service.ts';
import type { Board } from './board.ts';
import { nameOf, ownerName } from './board.ts';
import { countOf, percent, shortBytes, timeOfDay } from '../terminal/figures.ts';
import { actionSentence, connectionSentence, findingSentence } from '../terminal/sentence.ts';
import { oneLine } from '../terminal/width.ts';

/**
 * One event as a line for a person, safe for a terminal; undefined for what is not worth a line of
 * its own. `before` is the board as it was before the event.
 */
export function eventLine(before: Board, event: MonitorEvent): string | undefined {
  const text = eventText(before, event);
  return text === undefined ? undefined : `${timeOfDay(event.at)} ${text}`;
}

function eventText(before: Board, event: MonitorEvent): string | undefined {
  switch (event.kind) {
    case 'observations':
    case 'decision':
      return undefined;
    case 'finding': {
      const { finding } = event;
      const known = before.findings.get(finding.id);
      const same = known?.status === finding.status && known.severity === finding.severity;
      if (same) return undefined;
      const word = finding.status === 'closed' ? 'over' : finding.severity;
      return `finding  ${word}  ${findingSentence(finding, ownerName(before, finding))}`;
    }
    case 'action':
      if (event.action.name === 'notify') return undefined;
      return `action  ${actionSentence(event.action, ownerName(before, event.action))}`;
    case 'coverage': {
      const { sensor, sight } = event.coverage;
      const known = before.workloads
        .get(event.container)
        ?.coverage.find((each) => each.sensor === sensor)?.sight;
      // That a sensor starts to see is expected; that one no longer does, or does again, is news.
      if (!isBad(sight) && (known === undefined || !isBad(known))) return undefined;
      const name = oneLine(nameOf(before, event.container));
      const reason = 'reason' in sight ? `: ${oneLine(sight.reason)}` : '';
      return `coverage  ${name}  ${sensor} ${sight.state}${reason}`;
    }
    case 'connection':
      return `engine  ${connectionSentence(event.connection, event.at)}`;
    case 'workload': {
      const { workload } = event.view;
      const name = oneLine(workload.name);
      const known = before.workloads.get(workload.container);
      if (event.change === 'gone') return `container  ${name}  gone`;
      if (known === undefined) {
        return `container  ${name}  ${workload.state}, ${oneLine(workload.image)}`;
      }
      if (known.workload.state !== workload.state) return `container  ${name}  ${workload.state}`;
      if (known.learning.state !== event.view.learning.state) {
        return `container  ${name}  ${event.view.learning.state}`;
      }
      return undefined;
    }
    case 'policy': {
      const [problem] = event.policy.problems;
      const broken = problem === undefined ? '' : `, with a problem: ${oneLine(problem.message)}`;
      return `policy  ${event.policy.mode}, ${oneLine(event.policy.source)}${broken}`;
    }
    case 'lockdown':
      return `lock down  ${event.lockdown === undefined ? 'lifted' : 'all containers are cut off'}`;
    case 'held': {
      const waiting = event.held.filter(({ state }) => state.kind === 'waiting');
      const [latest] = waiting;
      if (latest === undefined) return undefined;
      const to = `${latest.protocol} ${oneLine(latest.name ?? latest.address)} port ${latest.port}`;
      return `held  ${oneLine(latest.containerName)} wants to reach ${to}; ${countOf(waiting.length, 'connection')} held: sentra egress held`;
    }
    case 'triage': {
      const { words, mutes } = event.triage;
      const normal = words.filter(({ says }) => says === 'normal').length;
      const falses = countOf(words.length - normal, 'false alarm');
      return `triage  ${countOf(normal, 'acknowledged finding')}, ${falses}, ${countOf(mutes.length, 'mute')}`;
    }
    default:
      return assertNever(event);
  }
}

function isBad(sight: Sight): boolean {
  return isNewlyBlind(sight) || sight.state === 'partly';
}

/** What is so now, in one line: `14:03:32 3 containers (1 stopped), 35% CPU, 1 open finding; …`. */
export function tickLine(board: Board): string {
  const views = [...board.workloads.values()];
  const stopped = views.filter(({ workload }) => !isRunning(workload.state)).length;
  const cpu = views.reduce((sum, { resource }) => sum + (resource?.cpuCores ?? 0), 0);
  const open = views.reduce((sum, { findings }) => sum + findings.open, 0);
  const { cost, at, leftOut } = board.snapshot;
  return (
    `${timeOfDay(at)} ${countOf(views.length, 'container')}` +
    `${stopped > 0 ? ` (${stopped} not running)` : ''}${leftOut > 0 ? ` and ${leftOut} not watched` : ''}, ${percent(cpu)} CPU, ` +
    `${countOf(open, 'open finding')}; Sentra uses ${percent(cost.cpuCores)} CPU, ${shortBytes(cost.residentBytes)}`
  );
}
