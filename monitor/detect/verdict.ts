import type { Evidence, FindingKind, Severity, Technique } from '../model/finding.ts';
import type { Moment } from '../model/time.ts';

/** What a detector holds at present: that something is not normal, and why. */
export interface Verdict {
  readonly kind: FindingKind;
  /** Tells verdicts of one kind apart, for example `CPU` and `memory`. */
  readonly series: string;
  readonly severity: Severity;
  /** 0 to 1. */
  readonly score: number;
  readonly onsetAt: Moment;
  readonly sentence: string;
  readonly evidence: readonly Evidence[];
  readonly technique: Technique | undefined;
}
