import type { LifecycleEvent } from '../../model/observation.ts';
import type { Moment } from '../../model/time.ts';
import type { ContainerId, Workload } from '../../model/workload.ts';

/** Whose facts were lost. */
export type Loss =
  | { readonly of: 'container'; readonly container: ContainerId }
  /** A container that was gone before it was known. */
  | { readonly of: 'vanished' }
  /** An event that could not be understood. */
  | { readonly of: 'any' };

/** What the table tells, and what it asks for. */
export interface TableOutput {
  readonly onAdded: (workload: Workload) => void;
  readonly onChanged: (workload: Workload) => void;
  readonly onGone: (workload: Workload) => void;
  /** A container is not selected: that has just turned out, or it has new network interfaces. */
  readonly onPassedOver: (container: ContainerId) => void;
  readonly onFact: (workload: Workload, fact: LifecycleEvent, at: Moment) => void;
  readonly onLost: (loss: Loss, count: number) => void;
  /** Something was seen of a container that its events have not told; they may be on their way. */
  readonly onDoubt: () => void;
  readonly inspect: (container: ContainerId) => void;
  readonly forget: (container: ContainerId) => void;
}
