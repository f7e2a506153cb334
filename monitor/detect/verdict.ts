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

/** Nothing is held, as at nearly every moment: one list for all, so that none has to be made. */
export const noVerdicts: readonly Verdict[] = [];

/** The verdicts of both, in this order. */
export function withMore(
  verdicts: readonly Verdict[],
  more: readonly Verdict[],
): readonly Verdict[] {
  if (more.length === 0) return verdicts;
  return verdicts.length === 0 ? more : [...verdicts, ...more];
}
