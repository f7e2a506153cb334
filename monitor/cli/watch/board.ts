import type { Action } from '../../model/action.ts';
import type { Finding } from '../../model/finding.ts';
import type { ContainerId } from '../../model/workload.ts';
import { assertNever } from '../../runtime/assert-never.ts';
import type { MonitorEvent, MonitorSnapshot, WorkloadView } from '../../rpc/service/service.ts';

/** How many actions are kept for showing. */
const actionLimit = 50;

/** Findings that are kept, so that one which is told again is not taken for new. */
const findingLimit = 2000;

/** What a watcher knows: the snapshot it began with, brought up to date by events. */
export interface Board {
  snapshot: Omit<MonitorSnapshot, 'workloads'>;
  readonly workloads: Map<ContainerId, WorkloadView>;
  /** The latest version of each, newest last. */
  readonly findings: Map<string, Finding>;
  readonly actions: Map<string, Action>;
  /** Names of containers, also of those that are gone; bounded like the rest. */
  readonly names: Map<ContainerId, string>;
  /** Events that did not reach this watcher. */
  missed: number;
  /** What has been seen since the watch began. */
  readonly seen: { findings: number; actions: number; wouldHave: number };
}

/** A board with what was known when the watch began; lists newest first, as the service gives them. */
export function createBoard(
  snapshot: MonitorSnapshot,
  findings: readonly Finding[],
  actions: readonly Action[],
): Board {
  const { workloads, ...rest } = snapshot;
  const board: Board = {
    snapshot: rest,
    workloads: new Map(workloads.map((view) => [view.workload.container, view])),
    findings: new Map(),
    actions: new Map(),
    names: new Map(),
    missed: 0,
    seen: { findings: 0, actions: 0, wouldHave: 0 },
  };
  for (const { workload } of workloads) keep(board.names, workload.container, workload.name, 5000);
  for (const finding of findings.toReversed()) {
    keep(board.findings, finding.id, finding, findingLimit);
  }
  for (const action of actions.toReversed()) keep(board.actions, action.id, action, actionLimit);
  return board;
}

/** Puts a value at the end of a map that holds at most `limit`. */
function keep<Key, Value>(map: Map<Key, Value>, key: Key, value: Value, limit: number): void {
  map.delete(key);
  map.set(key, value);
  const oldest = map.keys().next();
  if (map.size > limit && oldest.done !== true) map.delete(oldest.value);
}

/** The container's name, or the beginning of its id where the name is not known. */
export function nameOf(board: Board, container: ContainerId): string {
  return board.names.get(container) ?? container.slice(0, 12);
}

/** The name of the container of a finding or an action; of one that is gone and unknown, its workload. */
export function ownerName(
  board: Board,
  { container, workload }: Pick<Finding, 'container' | 'workload'>,
): string {
  return board.names.get(container) ?? workload;
}

/** Brings the board up to date, in place. */
export function applyEvent(board: Board, event: MonitorEvent): void {
  board.snapshot = { ...board.snapshot, at: event.at };
  switch (event.kind) {
    case 'observations':
      board.snapshot = { ...board.snapshot, cost: event.cost, leftOut: event.leftOut };
      for (const observation of event.observations) {
        if (observation.kind !== 'resource') continue;
        const view = board.workloads.get(observation.container);
        if (view !== undefined) {
          board.workloads.set(observation.container, { ...view, resource: observation });
        }
      }
      return;
    case 'finding':
      if (!board.findings.has(event.finding.id)) board.seen.findings += 1;
      keep(board.findings, event.finding.id, event.finding, findingLimit);
      return;
    case 'decision':
      return;
    case 'action':
      countAction(board, event.action);
      keep(board.actions, event.action.id, event.action, actionLimit);
      return;
    case 'coverage': {
      const view = board.workloads.get(event.container);
      if (view === undefined) return;
      const known = view.coverage.some(({ sensor }) => sensor === event.coverage.sensor);
      const coverage = known
        ? view.coverage.map((each) =>
            each.sensor === event.coverage.sensor ? event.coverage : each,
          )
        : [...view.coverage, event.coverage];
      board.workloads.set(event.container, { ...view, coverage });
      return;
    }
    case 'connection':
      board.snapshot = { ...board.snapshot, connection: event.connection };
      return;
    case 'workload': {
      const { workload } = event.view;
      keep(board.names, workload.container, workload.name, 5000);
      if (event.change === 'gone') board.workloads.delete(workload.container);
      else board.workloads.set(workload.container, event.view);
      return;
    }
    case 'policy':
      board.snapshot = { ...board.snapshot, policy: event.policy };
      return;
    case 'lockdown':
      board.snapshot = { ...board.snapshot, lockdown: event.lockdown };
      return;
    case 'held':
      board.snapshot = { ...board.snapshot, held: event.held };
      return;
    case 'triage':
      board.snapshot = { ...board.snapshot, triage: event.triage };
      return;
    default:
      assertNever(event);
  }
}

function countAction(board: Board, action: Action): void {
  const before = board.actions.get(action.id)?.outcome.state;
  if (action.outcome.state === before || action.outcome.state === 'started') return;
  if (action.outcome.state === 'would-have') board.seen.wouldHave += 1;
  else board.seen.actions += 1;
}
