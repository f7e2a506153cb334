import type { Decision } from '../model/decision.ts';
import type { Finding } from '../model/finding.ts';
import type { Milliseconds, Moment } from '../model/time.ts';
import type { Workload } from '../model/workload.ts';
import { stepPolicy } from './evaluate.ts';
import type { EvaluationProblem, PolicyInput } from './evaluate.ts';
import type { Policy } from './policy.ts';
import { initialPolicyState } from './state.ts';

const tickPeriod: Milliseconds = 1000;

/** Below the gap of 30 s that drops a hold. */
const sparsePeriod: Milliseconds = 20_000;

/** A version of a finding, with its workload as it then was. */
export interface RecordedVersion {
  readonly finding: Finding;
  readonly workload: Workload;
}

/** What a policy would have decided. */
export interface Replay {
  readonly decisions: readonly Decision[];
  readonly problems: readonly EvaluationProblem[];
}

/** How densely, and until when. */
export interface ReplayOptions {
  /** Ticks go on to this moment after the last version while a finding is open. */
  readonly until?: Moment;
  /**
   * Ticks come only when a hold or a cool-down runs out, at least every 20 s, and none once all of
   * them are over; what is decided is the same. For findings that have one open version each.
   */
  readonly isSparse?: boolean;
}

/**
 * What a policy would have decided on recorded versions of findings, in the order of their time,
 * with ticks in between as in life, from the first version to the last. A time in which no finding
 * is open costs nothing; with one open it costs a tick for every second.
 */
export function replayFindings(policy: Policy, findings: readonly RecordedVersion[]): Replay {
  const replay = replayInSteps(policy, findings);
  for (;;) {
    const step = replay.next();
    if (step.done === true) return step.value;
  }
}

/** The same step by step, for a caller that has something else to do in between. */
export function* replayInSteps(
  policy: Policy,
  findings: Iterable<RecordedVersion>,
  { until, isSparse = false }: ReplayOptions = {},
): Generator<undefined, Replay> {
  let state = initialPolicyState();
  const decisions: Decision[] = [];
  const problems: EvaluationProblem[] = [];
  /** When something may be decided without a new version. */
  const due = new Set<Moment>();
  const feed = (input: PolicyInput): void => {
    const step = stepPolicy(policy, state, input);
    state = step.state;
    decisions.push(...step.decisions);
    problems.push(...step.problems);
    if (!isSparse) return;
    const now = state.now ?? 0;
    if (input.kind === 'finding') for (const { hold } of policy.rules) due.add(now + hold);
    for (const { rule } of step.decisions) {
      const decided = policy.rules.find(({ name }) => name === rule);
      if (decided !== undefined) due.add(now + decided.cooldown);
    }
  };
  const isOpen = (): boolean => state.findings.some(({ status }) => status === 'open');
  const nextAfter = (at: Moment): Moment => {
    if (!isSparse) return at + tickPeriod;
    let next = Infinity;
    for (const moment of due) {
      if (moment <= at) due.delete(moment);
      else next = Math.min(next, moment);
    }
    return next === Infinity ? next : Math.min(next, at + sparsePeriod);
  };
  function* ticks(from: Moment, to: Moment): Generator<undefined, void> {
    // What runs out at the very moment of a version is decided a second later.
    for (let at = from + tickPeriod; at < to && isOpen(); at = nextAfter(at)) {
      feed({ kind: 'tick', at });
      yield;
    }
  }
  for (const { finding, workload } of findings) {
    yield* ticks(state.now ?? finding.at, finding.at);
    feed({ kind: 'finding', finding, workload });
    yield;
  }
  if (until !== undefined && state.now !== null) yield* ticks(state.now, until);
  return { decisions, problems };
}
