import type { PlannedAction, PolicyMode } from '../../model/decision.ts';
import type { Moment } from '../../model/time.ts';
import type { WorkloadKey } from '../../model/workload.ts';
import type { Result } from '../../runtime/result.ts';

/** Something wrong in the policy file. Line and column count from 1; undefined where none fits. */
export interface PolicyProblemView {
  readonly severity: 'error' | 'warning';
  readonly line: number | undefined;
  readonly column: number | undefined;
  readonly message: string;
}

/** The policy in force. */
export interface PolicyView {
  /** The file's path, or `built in`. */
  readonly source: string;
  readonly mode: PolicyMode;
  /** What is wrong with the file as it is now; with an error in it the last good policy stays. */
  readonly problems: readonly PolicyProblemView[];
  /** When the policy in force was loaded. */
  readonly loadedAt: Moment;
}

/** A policy that was in force once. */
export interface PolicyVersionView {
  /** SHA-256 of the text: asks for it in `policyVersion`. */
  readonly hash: string;
  readonly loadedAt: Moment;
  /** The file's path, or `built in`. */
  readonly source: string;
}

/** One rule of the policy in force, for a switch. */
export interface RuleView {
  readonly name: string;
  readonly mode: PolicyMode;
  readonly actions: readonly PlannedAction[];
  /** For whom it decides, in words: `every workload`, `images node except names web`. */
  readonly workloads: string;
  /** When it decides, in CEL as it is written. */
  readonly condition: string;
  /** The condition must have held for so long; milliseconds. */
  readonly holdMs: number;
  /** For so long it is silent after it has decided, unless something graver is found; milliseconds. */
  readonly cooldownMs: number;
  /** The line its name stands on, from 1, in the text in force. */
  readonly line: number;
}

/** The policy's text and where it comes from. */
export interface PolicyTextView {
  readonly policy: PolicyView;
  /** The text in force. */
  readonly text: string;
  /** SHA-256 of what the file holds now, to be given to `savePolicy`; undefined without a file. */
  readonly fileHash: string | undefined;
  /** What the file holds now, if that is not what is in force: it is broken. */
  readonly brokenText: string | undefined;
  /** Where saving writes. */
  readonly path: string;
  readonly rules: readonly RuleView[];
  /** Newest first, at most 200; the first is in force. */
  readonly versions: readonly PolicyVersionView[];
}

/** What a text would be as a policy: in force only without errors. */
export interface PolicyCheck {
  readonly problems: readonly PolicyProblemView[];
}

/** A text to be put in force. */
export interface SavePolicyRequest {
  /** At most 256 KB. */
  readonly text: string;
  /**
   * The `fileHash` of the text that was edited, or null where there was no file: saving is refused
   * when the file is another by now. Undefined overwrites whatever is there.
   */
  readonly basedOn?: string | null | undefined;
}

/** A text to be tried on the findings recorded between two moments. */
export interface PreviewRequest {
  readonly text: string;
  readonly from: Moment;
  readonly to: Moment;
}

/** One thing that a rule would have done. */
export interface PreviewExample {
  readonly at: Moment;
  readonly finding: string;
  readonly sentence: string;
  readonly workload: WorkloadKey;
  readonly name: string;
  readonly actions: readonly PlannedAction[];
}

/** What one rule would have done. */
export interface RulePreview {
  readonly rule: string;
  readonly mode: PolicyMode;
  /** How often it would have decided. */
  readonly decisions: number;
  /** To whom, the most often struck first, at most 50. */
  readonly workloads: readonly {
    readonly workload: WorkloadKey;
    readonly name: string;
    readonly decisions: number;
  }[];
  /** The latest, newest first, at most 5. */
  readonly examples: readonly PreviewExample[];
}

/**
 * What a policy would have done. The record keeps each finding in its latest version, so that one
 * is taken to have been so from the start: a rule that asks for a severity reached only late strikes
 * earlier here than in life. Workloads are taken as they were seen last, and running. Nothing that
 * was done in the preview ends a finding.
 */
export interface PolicyPreview {
  readonly from: Moment;
  readonly to: Moment;
  /** Recorded findings that were tried, at most the latest 1,000. */
  readonly findings: number;
  /** Whether there were more of them. */
  readonly isCut: boolean;
  /** Findings that could not be tried, since their workload is not known any more. */
  readonly leftOut: number;
  /** In the order of the policy. */
  readonly rules: readonly RulePreview[];
  /** Rules that could not be evaluated on some finding, in words, at most 20. */
  readonly problems: readonly string[];
}

/** Observe or enforce: one rule, or without `rule` the whole policy with every rule in it. */
export interface RuleModeRequest {
  readonly rule?: string | undefined;
  readonly mode: PolicyMode;
}

/** Why nothing was changed. */
export interface PolicyRefusal {
  readonly kind:
    | 'broken'
    /** The file is not what it was when it was read. */
    | 'changed-meanwhile'
    | 'not-written'
    | 'unknown-version'
    | 'unknown-rule'
    | 'busy'
    /** It was given up while it was made, because a person asked for that. */
    | 'cancelled';
  readonly message: string;
  readonly advice: string;
  /** With `broken`: at least one error. */
  readonly problems: readonly PolicyProblemView[];
}

/** How far a preview has come: findings tried, of so many. */
export interface PreviewProgress {
  readonly done: number;
  readonly of: number;
}

/** Reading, trying and changing the policy. */
export interface PolicyService {
  policyText(): PolicyTextView;
  checkPolicy(of: { readonly text: string }): PolicyCheck;
  /** Writes the policy file, whole or not at all, and puts it in force before it answers. */
  savePolicy(request: SavePolicyRequest): Result<PolicyTextView, PolicyRefusal>;
  /** The text of a version by its hash. */
  policyVersion(of: { readonly hash: string }): Result<{ readonly text: string }, PolicyRefusal>;
  /** How far the preview that is being made has come; undefined while none is. */
  previewProgress(): PreviewProgress | undefined;
  /** Gives up the preview that is being made, which then ends with `cancelled`. */
  cancelPreview(): PreviewProgress | undefined;
  /** Takes up to seconds, in small steps, so that watching goes on. One at a time. */
  previewPolicy(request: PreviewRequest): Promise<Result<PolicyPreview, PolicyRefusal>>;
  /**
   * Edits the policy file, comments kept, and puts it in force before it answers. Where the built-in
   * policy holds, the file is made from its text.
   */
  setRuleMode(request: RuleModeRequest): Result<PolicyTextView, PolicyRefusal>;
}
