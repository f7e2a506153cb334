import type { Baseline } from './baseline.ts';
import type { Finding } from './finding.ts';
import type { Observation } from './observation.ts';
import type { Milliseconds, Moment } from './time.ts';
import type { ContainerId, WorkloadKey } from './workload.ts';

/** What the detectors were set to when the recording began. */
export interface RecordingHead {
  readonly startedAt: Moment;
  /** How long a new workload was learned. */
  readonly learnMs: Milliseconds;
  readonly hostCpus: number;
}

/**
 * One entry of a recording: what was handed to the detectors, in the order in which it was. From the
 * head and the entries the same findings follow again.
 */
export type RecordingEntry =
  /** A container was taken in, with what an earlier run had learned and left open. */
  | {
      readonly kind: 'begin';
      readonly workload: WorkloadKey;
      readonly container: ContainerId;
      readonly learned: Baseline | undefined;
      readonly open: readonly Finding[];
      /** What was known of another workload of the image, as the detectors serialise it (JSON). */
      readonly sibling: unknown;
    }
  | { readonly kind: 'observation'; readonly observation: Observation }
  /** A container went. */
  | {
      readonly kind: 'end';
      readonly workload: WorkloadKey;
      readonly container: ContainerId;
      readonly at: Moment;
    }
  /** So many entries could not be written here: what follows need not give the same findings. */
  | { readonly kind: 'lost'; readonly entries: number }
  /** The last one. Without it the recording was cut off. */
  | { readonly kind: 'closed' };
