import type { Milliseconds } from '../../model/time.ts';
import type { WorkloadKey } from '../../model/workload.ts';
import type { Result } from '../../runtime/result.ts';

/** How the budget of false alarms stands for one workload. Rates are of one container and day. */
export interface WorkloadAlarms {
  readonly workload: WorkloadKey;
  /** The name of one of its containers. Untrusted text. */
  readonly name: string;
  /** Container time that was judged by its own history. */
  readonly watchedMs: Milliseconds;
  /** What its history promises at the present threshold. */
  readonly expectedPerDay: number;
  /** What it was over the last 30 days watched at most; undefined before the first hour. */
  readonly actualPerDay: number | undefined;
  /** Alarms in that time, and how many of them the person called false. */
  readonly told: number;
  readonly markedFalse: number;
  /** What is rarer than once in so long is told. */
  readonly onceInMs: Milliseconds;
  /** What may be claimed of it by now: a sentence. */
  readonly claim: string;
}

/** The budget of false alarms, and what it comes to for each workload that is watched. */
export interface AlarmsView {
  readonly alarmsPerDay: number;
  readonly workloads: readonly WorkloadAlarms[];
}

/** How many false alarms of one container and day are borne from now on: 0.01 to 100. */
export interface AlarmBudgetRequest {
  readonly alarmsPerDay: number;
  /** More alarms mean a tighter guard: to lower the budget loosens. */
  readonly direction: 'raise' | 'lower';
}

/** Why nothing was changed. */
export interface AlarmsRefusal {
  /** `wrong-direction`: raising asked for less than there is, or lowering for more. */
  readonly kind: 'wrong-direction' | 'not-recorded';
  readonly message: string;
  readonly advice: string;
}

/** Reading and changing the budget of false alarms. It outlives a restart of the monitor. */
export interface AlarmsService {
  alarms(): AlarmsView;
  /** Holds for all workloads, at once. */
  setAlarmBudget(request: AlarmBudgetRequest): Result<AlarmsView, AlarmsRefusal>;
}
