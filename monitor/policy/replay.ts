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
const coarsePeriod: Milliseconds = 20_000;

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

/** How exactly, and until when. */
export interface ReplayOptions {
  /** Ticks go on to this moment after the last version while a finding is open. */
  readonly until?: Moment;
  /**
   * So long after each version there is a tick each second, then one every 20 s: a decision whose
   * hold or cool-down ends later than this comes up to 20 s late.
   */
  readonly exactMs?: Milliseconds;
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
  findings: readonly RecordedVersion[],
  { until, exactMs = Infinity }: ReplayOptions = {},
): Generator<undefined, Replay> {
  let state = initialPolicyState();
  const decisions: Decision[] = [];
  const problems: EvaluationProblem[] = [];
  const feed = (input: PolicyInput): void => {
    const step = stepPolicy(policy, state, input);
    state = step.state;
    decisions.push(...step.decisions);
    problems.push(...step.problems);
  };
  const isOpen = (): boolean => state.findings.some(({ status }) => status === 'open');
  function* ticks(from: Moment, to: Moment): Generator<undefined, void> {
    const exactUntil = from + exactMs;
    for (let at = from + tickPeriod; at < to && isOpen();) {
      feed({ kind: 'tick', at });
      yield;
      at += at < exactUntil ? tickPeriod : coarsePeriod;
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
