import type { Decision, Finding, PolicyText } from './model.ts';

/** A rule that says nothing of a finding because it has just decided on its workload. */
export interface SilentRule {
  readonly rule: string;
  /** When it decided last before the finding, milliseconds since 1970. */
  readonly decidedAt: number;
  readonly cooldownMs: number;
}

/**
 * The rules in their cool-down when the finding began, by the latest decision of each on another
 * finding of the same workload; in the order of the policy. Whether they fit it is not said.
 */
export function silentRules(
  finding: Pick<Finding, 'id' | 'workload' | 'container' | 'onsetAt' | 'at'>,
  rules: PolicyText['rules'],
  decisions: readonly Pick<Decision, 'rule' | 'finding' | 'workload' | 'container' | 'at'>[],
): readonly SilentRule[] {
  return rules.flatMap(({ name, actions, cooldownMs }): readonly SilentRule[] => {
    // Telling cools down for the workload, acting for the container.
    const acts = actions.some(({ kind }) => kind !== 'notify');
    const times = decisions
      .filter(({ rule, workload }) => rule === name && workload === finding.workload)
      .filter(({ container }) => !acts || container === finding.container)
      .filter((decision) => decision.finding !== finding.id && decision.at <= finding.at)
      .map(({ at }) => at);
    const decidedAt = Math.max(...times);
    const isSilent = finding.onsetAt < decidedAt + cooldownMs;
    return isSilent ? [{ rule: name, decidedAt, cooldownMs }] : [];
  });
}
