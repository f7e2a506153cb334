import type { Coverage } from '../../model/coverage.ts';
import type { ProcessStartObservation, RareCallObservation } from '../../model/observation.ts';
import type { Milliseconds, Moment } from '../../model/time.ts';
import type { ContainerId } from '../../model/workload.ts';
import type { Result } from '../../runtime/result.ts';
import type { ActRefusal } from './service.ts';

/** The most that an answer holds of each. */
export const behaviourBounds = { calls: 200, rare: 100, starts: 200, seconds: 60 } as const;

/** How often one system call is made. */
export interface CallRate {
  readonly name: string;
  /** Calls a second over the last ten seconds. */
  readonly perSecond: number;
  /** Of these, how many were refused by EPERM, EACCES or ENOSYS. */
  readonly refusedPerSecond: number;
  /** Calls a second over the time before. */
  readonly usualPerSecond: number;
}

/** A rare call, without what names the container. */
export type RareCall = Omit<RareCallObservation, 'kind' | 'workload' | 'container'>;

/** A process start, without what names the container. */
export type ProcessStart = Omit<ProcessStartObservation, 'kind' | 'workload' | 'container'>;

interface OfContainer {
  readonly at: Moment;
  readonly container: ContainerId;
  readonly name: string;
  /** How well its system calls are seen; undefined where there is no sensor for them. */
  readonly coverage: Coverage | undefined;
}

/** The system calls of a container: what it does now, against what it did before. */
export interface CallsView extends OfContainer {
  /** Most frequent first. */
  readonly calls: readonly CallRate[];
  /** Calls beyond the bound of the list. */
  readonly omitted: number;
  /** How long the time before is that `usualPerSecond` was taken from; fades after two hours. */
  readonly usualMs: Milliseconds;
  /** All calls of each of the last seconds, oldest first. */
  readonly perSecond: readonly number[];
  /** Newest first. */
  readonly rare: readonly RareCall[];
}

/** A process start, and how deep it lies beneath the first that is known of its parents. */
export interface TreeStart extends ProcessStart {
  readonly depth: number;
}

/** The newest process starts of a container. */
export interface StartsView extends OfContainer {
  /** In the order of the tree: each above what it started, oldest first. */
  readonly starts: readonly TreeStart[];
  /** Earlier ones that are no longer kept. */
  readonly omitted: number;
}

/** What containers do, as far as the kernel tells. `target` as in `act`. */
export interface BehaviourService {
  calls(of: { readonly target: string }): Result<CallsView, ActRefusal>;
  starts(of: { readonly target: string }): Result<StartsView, ActRefusal>;
}
