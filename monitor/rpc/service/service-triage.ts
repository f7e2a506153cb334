import type { FindingKind } from '../../model/finding.ts';
import type { Milliseconds, Moment } from '../../model/time.ts';
import type { WorkloadKey } from '../../model/workload.ts';
import type { Result } from '../../runtime/result.ts';

/** What a person said of a finding, and when; of each finding one thing at most. */
export interface FindingWord extends OfFinding {
  /**
   * `normal`: what it shows is learned while it is open, and the word ends with it. `false-alarm`: the
   * same, and it counts against the budget of alarms, though the finding is over, until that is taken
   * back; a finding that opens again is one still.
   */
  readonly says: 'normal' | 'false-alarm';
  readonly at: Moment;
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
  /** Of findings that are open what is normal, and the latest 1000 false alarms, open or over. */
  readonly words: readonly FindingWord[];
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
   * out of memory) is, and can be muted. An upload may be acknowledged when it is over, too, as long as
   * the detectors know it: it is then learned at once, which cannot be taken back.
   */
  acknowledge(of: OfFinding): TriageAnswer;
  /**
   * The person calls it a false alarm: acknowledged while it is open, and counted against the budget of
   * alarms, even when it is over. Once for a finding. One that did not draw on the budget, or was but
   * recorded, is acknowledged only.
   */
  markFalse(of: OfFinding): TriageAnswer;
  /**
   * Takes back that it was a false alarm: it counts no more, and what the finding shows is not learned any
   * more. What was learned meanwhile stays. No harm where it is none.
   */
  unmarkFalse(of: OfFinding): TriageAnswer;
  /**
   * Takes back that it is normal: what the finding shows is not learned any more. No harm where that was
   * not said.
   */
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
