import { z } from 'zod';
import type { Finding, Severity } from '../model/finding.ts';
import { severities } from '../model/finding.ts';
import type { Moment } from '../model/time.ts';
import type { ContainerId, WorkloadKey } from '../model/workload.ts';

/** What a rule has decided about one finding so far. */
export interface Decided {
  readonly attempts: number;
  /** The highest severity that was decided on. */
  readonly severity: Severity;
}

/** How a rule's condition stands with one finding. */
export type Standing =
  | { readonly kind: 'holding'; readonly since: Moment }
  | { readonly kind: 'waiting' }
  /** It could not be evaluated. */
  | { readonly kind: 'failing' };

/** One rule and one finding. */
export interface RuleMatch {
  readonly rule: string;
  /** The rule's fingerprint when this was found out. */
  readonly fingerprint: string;
  readonly standing: Standing;
  readonly decided: Decided | null;
}

/** As much of a finding as outlives the step it came in. */
export interface KnownFinding {
  readonly id: string;
  readonly workload: WorkloadKey;
  readonly container: ContainerId;
  readonly status: Finding['status'];
  readonly severity: Severity;
  /** When the observation behind the latest version was taken; once closed, when it closed. */
  readonly at: Moment;
  /** Whether the container ran when the latest version came. */
  readonly running: boolean;
  readonly matches: readonly RuleMatch[];
}

/** The last time that a rule told about a workload. */
export interface Told {
  readonly at: Moment;
  /** The highest severity within the cool-down. */
  readonly severity: Severity;
  /** Whether it told of something done, and not only of what would have been. */
  readonly enforced: boolean;
}

/** The last time that a rule acted on a container. */
export interface Acted extends Told {
  readonly container: ContainerId;
}

/** What a rule has lately told and done about one workload: what its cool-down goes by. */
export interface RuleSilence {
  readonly rule: string;
  readonly told: Told | null;
  /** Oldest first, at most 64. */
  readonly acted: readonly Acted[];
}

export interface WorkloadSilence {
  readonly workload: WorkloadKey;
  readonly rules: readonly RuleSilence[];
}

/** All that the evaluation remembers. Plain JSON: what is stored and read back goes on the same. */
export interface PolicyState {
  readonly version: 1;
  /** The latest moment told; null before the first. Never goes back but with the clock. */
  readonly now: Moment | null;
  /** In the order of their last version, bounded: see bounds.ts. */
  readonly findings: readonly KnownFinding[];
  /** In the order of their last decision, bounded likewise. */
  readonly silences: readonly WorkloadSilence[];
  /** Evaluations that failed since the beginning. */
  readonly conditionErrors: number;
  /** What was forgotten for want of room since the beginning. */
  readonly dropped: { readonly findings: number; readonly silences: number };
}

/** The state before anything has happened. */
export function initialPolicyState(): PolicyState {
  return {
    version: 1,
    now: null,
    findings: [],
    silences: [],
    conditionErrors: 0,
    dropped: { findings: 0, silences: 0 },
  };
}

/** A stored state, or undefined when it is not one (of this version): begin with an initial one. */
export function restorePolicyState(stored: unknown): PolicyState | undefined {
  const parsed = stateSchema.safeParse(stored);
  return parsed.success ? parsed.data : undefined;
}

const severity = z.enum(severities);
const count = z.int().min(0);
const told = z.object({ at: z.number(), severity, enforced: z.boolean() });

const stateSchema: z.ZodType<PolicyState> = z.object({
  version: z.literal(1),
  now: z.number().nullable(),
  findings: z.array(
    z.object({
      id: z.string(),
      workload: z.string(),
      container: z.string(),
      status: z.enum(['open', 'closed']),
      severity,
      at: z.number(),
      running: z.boolean(),
      matches: z.array(
        z.object({
          rule: z.string(),
          fingerprint: z.string(),
          standing: z.discriminatedUnion('kind', [
            z.object({ kind: z.literal('holding'), since: z.number() }),
            z.object({ kind: z.literal('waiting') }),
            z.object({ kind: z.literal('failing') }),
          ]),
          decided: z.object({ attempts: count, severity }).nullable(),
        }),
      ),
    }),
  ),
  silences: z.array(
    z.object({
      workload: z.string(),
      rules: z.array(
        z.object({
          rule: z.string(),
          told: told.nullable(),
          acted: z.array(told.extend({ container: z.string() })),
        }),
      ),
    }),
  ),
  conditionErrors: count,
  dropped: z.object({ findings: count, silences: count }),
});
