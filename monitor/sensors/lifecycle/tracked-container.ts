import type { ContainerDetail, ContainerSummary } from '../../engine/port.ts';
import type { LifecycleEvent } from '../../model/observation.ts';
import { isOwn } from '../../model/own-container.ts';
import type { Moment } from '../../model/time.ts';
import type { ContainerId, ContainerState, Workload } from '../../model/workload.ts';

/** A fact that waits for the first inspection, which tells whose it is. */
export interface PendingFact {
  readonly fact: LifecycleEvent;
  readonly at: Moment;
}

/** What the watcher knows of one container. It is changed in place. */
export interface TrackedContainer {
  readonly container: ContainerId;
  /** Unknown until inspected; ignored when the selector leaves it out. */
  standing: 'unknown' | 'watched' | 'ignored';
  /** What the selector was shown when it left the container out. */
  leftOut: ContainerSummary | undefined;
  /** The state that has been told, by events or by a list that was believed. */
  told: ContainerState | undefined;
  detail: ContainerDetail | undefined;
  createdAt: number;
  pending: PendingFact[];
  /** Facts up to this moment of the engine's clock were told from a list; a replay is skipped. */
  derivedUntilMs: number;
  /** Facts were told from a list without the engine's time; the next inspection tells it. */
  derivedUntimed: boolean;
  /** The moment of the latest start that was told, by the engine's clock. */
  toldStartMs: number;
  /** Since when what is seen differs from what was told, monotonic; undefined when it does not. */
  doubtSince: number | undefined;
  /** The inspection failed and is asked for again. */
  inspectAgain: boolean;
}

/** A container that was just heard of. */
export function newTracked(container: ContainerId, createdAt: number): TrackedContainer {
  return {
    container,
    standing: 'unknown',
    leftOut: undefined,
    told: undefined,
    detail: undefined,
    createdAt,
    pending: [],
    derivedUntilMs: Number.NEGATIVE_INFINITY,
    derivedUntimed: false,
    toldStartMs: Number.NEGATIVE_INFINITY,
    doubtSince: undefined,
    inspectAgain: false,
  };
}

/** A container that is not watched, and why. */
export interface IgnoredContainer extends Pick<
  Workload,
  'container' | 'name' | 'composeProject' | 'composeService'
> {
  /** It is Sentra's own, or the policy does not select it. */
  readonly reason: 'own' | 'not-selected';
}

/** What is to be said of a container that the selector left out. */
export function ignoredFrom({ container, name, labels }: ContainerSummary): IgnoredContainer {
  return {
    container,
    name,
    composeProject: labels['com.docker.compose.project'],
    composeService: labels['com.docker.compose.service'],
    reason: isOwn({ name, labels }) ? 'own' : 'not-selected',
  };
}

/** The states as far as facts tell them apart. */
export type Phase = 'live' | 'frozen' | 'down' | 'gone';

/** The phase of a state; undefined stands for a container that is not there. */
export function phaseOf(state: ContainerState | undefined): Phase {
  switch (state) {
    case undefined:
      return 'gone';
    case 'running':
      return 'live';
    case 'paused':
      return 'frozen';
    case 'created':
    case 'restarting':
    case 'removing':
    case 'exited':
    case 'dead':
      return 'down';
  }
}

/** The facts that lead from one phase to another, in order, when nobody told which they were. */
export function factsBetween(from: Phase, to: Phase): readonly LifecycleEvent[] {
  if (from === to) return [];
  const facts: LifecycleEvent[] = [];
  const ran = from === 'live' || from === 'frozen';
  const runs = to === 'live' || to === 'frozen';
  if (ran && !runs) facts.push({ name: 'die', exitCode: undefined });
  if (!ran && runs) facts.push({ name: 'start' });
  if (from === 'frozen' && to === 'live') facts.push({ name: 'unpause' });
  if (to === 'frozen') facts.push({ name: 'pause' });
  if (to === 'gone') facts.push({ name: 'destroy' });
  return facts;
}

/** A start later than any told start by more than this has not been told, in milliseconds. */
const startSlackMs = 500;

/** Whether the container started again and no event said so. */
export function hasUntoldStart(tracked: TrackedContainer): boolean {
  const startedAt = tracked.detail?.workload.startedAt;
  return startedAt !== undefined && startedAt > tracked.toldStartMs + startSlackMs;
}

/** Whether the container is seen in another state than was told; undefined: it is not there. */
export function differsFrom(tracked: TrackedContainer, seen: ContainerState | undefined): boolean {
  return phaseOf(tracked.told) !== phaseOf(seen) || hasUntoldStart(tracked);
}

/** The moment of the engine's clock up to which an inspection tells what happened. */
export function latestChange(detail: ContainerDetail): number {
  const { startedAt } = detail.workload;
  const latest = Math.max(
    startedAt ?? Number.NEGATIVE_INFINITY,
    detail.finishedAt ?? Number.NEGATIVE_INFINITY,
  );
  return latest + startSlackMs;
}

/** The line of the list that an inspection would give, for the selector. */
export function summaryOf(workload: Workload, createdAt: number): ContainerSummary {
  const { container, name, image, labels, state } = workload;
  return { container, name, image, labels, state, createdAt };
}

/** Whether an exec is the container's own health check, which the engine runs all the time. */
export function isHealthCheck(command: string, detail: ContainerDetail): boolean {
  return detail.healthCommand !== '' && command === detail.healthCommand.trim().slice(0, 1000);
}
