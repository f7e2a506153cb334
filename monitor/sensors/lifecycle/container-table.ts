import { isDeepStrictEqual } from 'node:util';
import type {
  ContainerDetail,
  ContainerSummary,
  EngineError,
  EngineEvent,
} from '../../engine/port.ts';
import type { LifecycleEvent } from '../../model/observation.ts';
import type { Moment } from '../../model/time.ts';
import type { ContainerId, Workload } from '../../model/workload.ts';
import type { Result } from '../../runtime/result.ts';
import type { EventMeaning } from './event-meaning.ts';
import { millisecondsOf } from './event-time.ts';
import type { ListReading, ListVerdict } from './list-reading.ts';
import type { TableOutput } from './table-output.ts';
import {
  differsFrom,
  factsBetween,
  hasUntoldStart,
  ignoredFrom,
  isHealthCheck,
  latestChange,
  newTracked,
  phaseOf,
  summaryOf,
  type IgnoredContainer,
  type TrackedContainer,
} from './tracked-container.ts';

/** The containers of the engine as events, lists and inspections tell them. */
export interface ContainerTable {
  takeEvent(event: EngineEvent, meaning: EventMeaning, at: Moment): void;
  takeList(list: readonly ContainerSummary[], reading: ListReading): ListVerdict;
  takeInspection(
    container: ContainerId,
    answer: Result<ContainerDetail, EngineError>,
    monotonicMs: number,
  ): void;
  /** What is selected has changed: every container is looked at again. */
  reselect(): void;
  /** Whether the container was heard of, watched or not. */
  knows(container: ContainerId): boolean;
  /** Whether something was seen of a container that its events have not told yet. */
  isDoubted(): boolean;
  /** Whether of every container that was heard of it is known if it is watched. */
  isSettled(): boolean;
  workloads(): readonly Workload[];
  /** The containers that are not selected. */
  ignored(): readonly IgnoredContainer[];
}

/** Facts of a container that wait for its first inspection, at most. */
const mostPending = 64;

/** What brings a container's network interfaces. */
const linking: ReadonlySet<LifecycleEvent['name']> = new Set(['start', 'network-attach']);

/** The list tells when a container was made in whole seconds. */
const listResolutionMs = 1000;

/** An empty table. `selects` says which containers are watched. */
export function createContainerTable(
  selects: (summary: ContainerSummary) => boolean,
  output: TableOutput,
): ContainerTable {
  const table = new Map<ContainerId, TrackedContainer>();

  function tell(tracked: TrackedContainer, fact: LifecycleEvent, at: Moment): void {
    if (tracked.standing === 'ignored') return;
    if (tracked.detail === undefined) {
      if (tracked.pending.length < mostPending) tracked.pending.push({ fact, at });
      else output.onLost({ of: 'container', container: tracked.container }, 1);
      return;
    }
    if (fact.name === 'exec' && isHealthCheck(fact.command, tracked.detail)) return;
    output.onFact(tracked.detail.workload, fact, at);
  }

  /** Changes what is known at once, without waiting for the inspection that follows. */
  function patch(tracked: TrackedContainer, change: Partial<Workload>): void {
    if (tracked.detail === undefined) return;
    const workload = { ...tracked.detail.workload, ...change };
    if (isDeepStrictEqual(workload, tracked.detail.workload)) return;
    tracked.detail = { ...tracked.detail, workload };
    if (tracked.standing === 'watched') output.onChanged(workload);
  }

  function remove(tracked: TrackedContainer): void {
    table.delete(tracked.container);
    output.forget(tracked.container);
    if (tracked.standing === 'watched' && tracked.detail !== undefined) {
      output.onGone(tracked.detail.workload);
    } else if (tracked.pending.length > 0) {
      output.onLost({ of: 'vanished' }, tracked.pending.length);
    }
  }

  function takeEvent(event: EngineEvent, meaning: EventMeaning, at: Moment): void {
    let tracked = table.get(meaning.container);
    if (tracked === undefined) {
      if (meaning.state === 'gone') return;
      tracked = newTracked(meaning.container, at);
      table.set(meaning.container, tracked);
      output.inspect(meaning.container);
    }
    const happened = millisecondsOf(event.timeNano);
    tracked.doubtSince = undefined;
    if (meaning.state !== undefined && happened <= tracked.derivedUntilMs) return;
    if (meaning.fact?.name === 'start') tracked.toldStartMs = happened;
    if (meaning.fact !== undefined) tell(tracked, meaning.fact, at);
    if (meaning.state === 'gone') {
      remove(tracked);
      return;
    }
    if (meaning.state !== undefined) tracked.told = meaning.state;
    if (meaning.state === 'exited') patch(tracked, { state: 'exited', mainPid: undefined });
    // A start is not patched in: without the new main process's id it would be a half-truth.
    if (meaning.state === 'paused') patch(tracked, { state: 'paused' });
    if (meaning.fact?.name === 'unpause') patch(tracked, { state: 'running' });
    if (tracked.standing === 'ignored') {
      if (meaning.fact !== undefined && linking.has(meaning.fact.name)) {
        output.onPassedOver(tracked.container);
      }
      if (event.action !== 'rename') return;
      tracked.standing = 'unknown';
    }
    if (meaning.inspect) output.inspect(meaning.container);
  }

  function leaveOut(tracked: TrackedContainer, summary: ContainerSummary): void {
    tracked.standing = 'ignored';
    tracked.leftOut = summary;
    tracked.pending = [];
    output.onPassedOver(tracked.container);
  }

  function discover(summary: ContainerSummary, reading: ListReading): TrackedContainer {
    const tracked = newTracked(summary.container, summary.createdAt);
    table.set(summary.container, tracked);
    if (!selects(summary)) leaveOut(tracked, summary);
    else output.inspect(summary.container);
    if (reading.how === 'accept' || tracked.standing === 'ignored') tracked.told = summary.state;
    else if (reading.how === 'derive') tracked.told = 'created';
    if (reading.how === 'accept') tracked.toldStartMs = Number.POSITIVE_INFINITY;
    if (reading.how === 'compare' && tracked.standing !== 'ignored') {
      // That it was made was never told: the events had as long as it has been there.
      const engineMs = reading.engineMs ?? summary.createdAt;
      const age = Math.max(0, engineMs - summary.createdAt - listResolutionMs);
      tracked.doubtSince = reading.monotonicMs - age;
    }
    return tracked;
  }

  function derive(
    tracked: TrackedContainer,
    listed: ContainerSummary | undefined,
    reading: { readonly at: Moment; readonly engineMs: number | undefined },
  ): void {
    const from = phaseOf(tracked.told);
    const to = phaseOf(listed?.state);
    const facts =
      from === to && hasUntoldStart(tracked)
        ? ([{ name: 'die', exitCode: undefined }, { name: 'start' }] as const)
        : factsBetween(from, to);
    for (const fact of facts) tell(tracked, fact, reading.at);
    tracked.doubtSince = undefined;
    if (facts.length === 0) return;
    const { engineMs } = reading;
    if (engineMs === undefined) tracked.derivedUntimed = true;
    else tracked.derivedUntilMs = engineMs;
    const startedAt = tracked.detail?.workload.startedAt ?? Number.NEGATIVE_INFINITY;
    tracked.toldStartMs = Math.max(tracked.toldStartMs, startedAt, engineMs ?? startedAt);
    tracked.told = listed?.state;
    if (to === 'frozen') patch(tracked, { state: 'paused' });
    if (to === 'down') patch(tracked, { state: tracked.told ?? 'exited', mainPid: undefined });
    if (listed === undefined) remove(tracked);
    else output.inspect(tracked.container);
  }

  function takeList(list: readonly ContainerSummary[], reading: ListReading): ListVerdict {
    const listed = new Map(list.map((summary) => [summary.container, summary]));
    const missed: string[] = [];
    let doubts = 0;
    for (const summary of list) {
      if (!table.has(summary.container)) discover(summary, reading);
    }
    for (const tracked of [...table.values()]) {
      const summary = listed.get(tracked.container);
      if (
        tracked.standing === 'ignored' ||
        (tracked.detail === undefined && summary === undefined)
      ) {
        if (summary === undefined) remove(tracked);
        else tracked.told = summary.state;
        continue;
      }
      if (tracked.inspectAgain) output.inspect(tracked.container);
      if (!differsFrom(tracked, summary?.state)) tracked.doubtSince = undefined;
      else if (reading.how === 'derive') derive(tracked, summary, reading);
      else if (reading.how === 'compare') {
        tracked.doubtSince ??= reading.monotonicMs;
        if (reading.monotonicMs - tracked.doubtSince < reading.patienceMs) doubts += 1;
        else missed.push(tracked.detail?.workload.name ?? summary?.name ?? tracked.container);
        // The figures should not wait for the events to be believed again.
        output.inspect(tracked.container);
      }
    }
    return { missed, doubts };
  }

  function doubt(tracked: TrackedContainer, monotonicMs: number): void {
    tracked.doubtSince ??= monotonicMs;
    output.onDoubt();
  }

  function takeInspection(
    container: ContainerId,
    answer: Result<ContainerDetail, EngineError>,
    monotonicMs: number,
  ): void {
    const tracked = table.get(container);
    if (tracked === undefined) return;
    if (!answer.ok) {
      // A container that is gone is told by its event or by the next list, whichever is first.
      tracked.inspectAgain = answer.error.kind !== 'gone';
      if (answer.error.kind === 'gone') doubt(tracked, monotonicMs);
      if (answer.error.kind === 'gone' && tracked.detail === undefined) remove(tracked);
      return;
    }
    tracked.inspectAgain = false;
    const { workload } = answer.value;
    const before = tracked.detail?.workload;
    tracked.detail = answer.value;
    if (tracked.toldStartMs === Number.POSITIVE_INFINITY) {
      tracked.toldStartMs = workload.startedAt ?? Number.NEGATIVE_INFINITY;
    }
    if (tracked.derivedUntimed) {
      tracked.derivedUntimed = false;
      tracked.derivedUntilMs = latestChange(answer.value);
      tracked.toldStartMs = Math.max(
        tracked.toldStartMs,
        workload.startedAt ?? tracked.toldStartMs,
      );
    }
    if (differsFrom(tracked, workload.state)) doubt(tracked, monotonicMs);
    const summary = summaryOf(workload, tracked.createdAt);
    if (!selects(summary)) {
      if (tracked.standing === 'watched') output.onGone(before ?? workload);
      leaveOut(tracked, summary);
      return;
    }
    if (tracked.standing === 'watched') {
      if (!isDeepStrictEqual(before, workload)) output.onChanged(workload);
      return;
    }
    tracked.standing = 'watched';
    output.onAdded(workload);
    const { pending } = tracked;
    tracked.pending = [];
    for (const { fact, at } of pending) tell(tracked, fact, at);
  }

  function reselect(): void {
    for (const tracked of table.values()) {
      if (tracked.standing === 'ignored') tracked.standing = 'unknown';
      output.inspect(tracked.container);
    }
  }

  return {
    takeEvent,
    reselect,
    takeList,
    takeInspection,
    knows: (container) => table.has(container),
    isDoubted: () =>
      [...table.values()].some(
        ({ standing, doubtSince }) => standing !== 'ignored' && doubtSince !== undefined,
      ),
    isSettled: () => [...table.values()].every(({ standing }) => standing !== 'unknown'),
    ignored: () =>
      [...table.values()].flatMap(({ standing, leftOut }) =>
        standing === 'ignored' && leftOut !== undefined ? [ignoredFrom(leftOut)] : [],
      ),
    workloads: () =>
      [...table.values()].flatMap((tracked) =>
        tracked.standing === 'watched' && tracked.detail !== undefined
          ? [tracked.detail.workload]
          : [],
      ),
  };
}
