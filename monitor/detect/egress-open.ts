import type { EgressObservation } from '../model/observation.ts';
import type { Milliseconds, Moment } from '../model/time.ts';
import { noVerdicts, type Verdict } from './verdict.ts';

/** When the wall around the container's egress was last found open, and how. */
export interface EgressBreach {
  readonly at: Moment;
  readonly what: string;
}

/** How long a breach that was mended stays a finding. */
const breachMs: Milliseconds = 60_000;

/** The breach that is known after the observation. */
export function noteBreach(
  known: EgressBreach | undefined,
  { at, breach }: EgressObservation,
): EgressBreach | undefined {
  return breach === undefined ? known : { at, what: breach };
}

/** The verdict that holds at `at`, if any. */
export function judgeBreach(breach: EgressBreach | undefined, at: Moment): readonly Verdict[] {
  // An absolute span: the clock may have been set back since.
  if (breach === undefined || Math.abs(at - breach.at) >= breachMs) return noVerdicts;
  return [
    {
      kind: 'egress-open',
      series: 'egress',
      severity: 'critical',
      score: 1,
      onsetAt: breach.at,
      sentence: `${breach.what} It was put up again; what left meanwhile was not held back.`,
      evidence: [],
      technique: { id: 'T1562.004', name: 'Disable or Modify System Firewall' },
    },
  ];
}
