import type { Moment } from './time.ts';
import type { WorkloadKey } from './workload.ts';

/** What has been learned about a workload, as the detectors serialise it (JSON). */
export interface Baseline {
  readonly workload: WorkloadKey;
  /** Grows when the shape of `state` changes; another version is not read but learned anew. */
  readonly version: number;
  readonly updatedAt: Moment;
  readonly state: unknown;
}
