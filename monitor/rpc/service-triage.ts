import type { FindingKind } from '../model/finding.ts';
import type { Milliseconds, Moment } from '../model/time.ts';
import type { WorkloadKey } from '../model/workload.ts';
import type { Result } from '../runtime/result.ts';

/** The person has seen an open finding and holds it normal: what it shows is learned from now on. */
export interface Acknowledgement {
  /** The finding's id. */
  readonly finding: string;
  readonly at: Moment;
  /** The person called it a false alarm. */
  readonly isFalse?: true;
}

/** Findings of one kind about one workload are not to be told of for a while. */
export interface Mute {
  readonly workload: WorkloadKey;
  readonly kind: FindingKind;
  readonly since: Moment;
  /** When it ends by itself. */
  readonly until: Moment;
}

/** What a person said about findings. */
export interface TriageView {
  /** Of findings that are open. */
  readonly acknowledged: readonly Acknowledgement[];
  /** Those in force. */
  readonly mutes: readonly Mute[];
}

/** Which findings to be silent about, and for how long: a minute to 30 days. */
export interface MuteRequest {
  readonly workload: WorkloadKey;
  readonly kind: FindingKind;
  readonly forMs: Milliseconds;
}

/** Why nothing was changed. */
export interface TriageRefusal {
  readonly kind: 'unknown-finding' | 'finding-closed' | 'too-many' | 'not-recorded';
  readonly message: string;
  readonly advice: string;
}

interface OfFinding {
  /** The finding's id. */
  readonly finding: string;
}

type TriageAnswer = Result<TriageView, TriageRefusal>;

/** What a person can say about findings. All of it outlives a restart of the monitor. */
export interface TriageService {
  /**
   * The finding stays open and goes on as before; only what is learned changes. What is judged by
   * the workload's history (levels, drift, uploads, steady computing, commands from outside) is not
   * found again once it is learned; what is judged without one (runaways, floods, restart loops,
   * out of memory) is, and can be muted.
   */
  acknowledge(of: OfFinding): TriageAnswer;
  /**
   * The person calls it a false alarm: acknowledged while it is open, and counted against the budget of
   * alarms where it drew on it (levels, system calls, names), even when it is over. Once for a finding.
   * That it was counted cannot be taken back.
   */
  markFalse(of: OfFinding): TriageAnswer;
  /** Takes it back: what the finding shows is not learned any more. No harm where there is none. */
  unacknowledge(of: OfFinding): TriageAnswer;
  /**
   * A mute silences, it does not tie hands: a muted finding is recorded and shown as ever, the policy
   * judges it as ever, and a rule that enforces a pause, kill or the like carries it out and tells of
   * it. What falls away is mere telling: a decision that only notifies, or that in observe mode would
   * have acted, is recorded as `muted` and nobody is notified. One for the same workload and kind
   * takes the place of an earlier one.
   */
  mute(request: MuteRequest): TriageAnswer;
  /** Ends a mute before its time. No harm where there is none. */
  unmute(of: Pick<Mute, 'workload' | 'kind'>): TriageAnswer;
}
