import type { EgressRuleRemark, WrittenEgressRule } from '../../model/egress.ts';
import { isGroupRange } from './address.ts';
import { mostProblems } from './check-list.ts';
import { readTarget, type EgressRule } from './rule.ts';

/** Whether the rule allows nothing but groups, to which nothing gets out: see `groupRanges`. */
export function allowsGroupsOnly({
  verdict,
  target,
}: Pick<EgressRule, 'verdict' | 'target'>): boolean {
  return verdict === 'allow' && target.kind === 'range' && isGroupRange(target.range);
}

/** What there is to say of a rule that `allowsGroupsOnly`. */
export const groupRemark =
  'Nothing gets out to groups (multicast and broadcast): this rule lets nothing through.';

/**
 * What a person should know of rules that can be kept all the same, in their order, at most
 * `mostProblems`. A rule that cannot be understood has problems, and no remark.
 */
export function remarksOn(rules: readonly WrittenEgressRule[]): readonly EgressRuleRemark[] {
  const remarks: EgressRuleRemark[] = [];
  for (const [index, { verdict, target }] of rules.entries()) {
    if (remarks.length === mostProblems) break;
    const read = readTarget(target);
    if (read.ok && allowsGroupsOnly({ verdict, target: read.value })) {
      remarks.push({ index, message: groupRemark });
    }
  }
  return remarks;
}
