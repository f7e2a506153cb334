import type { Milliseconds } from '../model/time.ts';

/** What a person may set of the detectors. */
export interface DetectSettings {
  /** How much of a workload must have been seen before its own history is judged against. */
  readonly learnMs: Milliseconds;
  /** Cores of the engine's host; what a container without a CPU limit can use. */
  readonly hostCpus: number;
  /** False alarms of one container and day that a new workload may make; 1 where nothing is said. */
  readonly alarmsPerDay?: number;
}

/** Five minutes of learning. */
export const defaultLearnMs: Milliseconds = 5 * 60_000;
