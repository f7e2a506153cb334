import type { Decision } from '../model/decision.ts';
import type { Finding } from '../model/finding.ts';
import type { Milliseconds } from '../model/time.ts';
import type { Workload } from '../model/workload.ts';
import { stepPolicy } from './evaluate.ts';
import type { EvaluationProblem, PolicyInput } from './evaluate.ts';
import type { Policy } from './policy.ts';
import { initialPolicyState } from './state.ts';

const tickPeriod: Milliseconds = 1000;

/**
 * What a policy would have decided on recorded versions of findings, in the order of their time,
 * with ticks in between as in life, from the first version to the last. A time in which no finding
 * is open costs nothing; with one open it costs a tick for every second.
 */
export function replayFindings(
  policy: Policy,
  findings: readonly { readonly finding: Finding; readonly workload: Workload }[],
): { readonly decisions: readonly Decision[]; readonly problems: readonly EvaluationProblem[] } {
  let state = initialPolicyState();
  const decisions: Decision[] = [];
  const problems: EvaluationProblem[] = [];
  const feed = (input: PolicyInput): void => {
    const step = stepPolicy(policy, state, input);
    state = step.state;
    decisions.push(...step.decisions);
    problems.push(...step.problems);
  };
  for (const { finding, workload } of findings) {
    for (
      let at = (state.now ?? finding.at) + tickPeriod;
      at < finding.at && state.findings.some(({ status }) => status === 'open');
      at += tickPeriod
    ) {
      feed({ kind: 'tick', at });
    }
    feed({ kind: 'finding', finding, workload });
  }
  return { decisions, problems };
}
