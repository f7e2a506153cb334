import type { EgressRuleProblem, WrittenEgressRule } from '../../model/egress.ts';
import { failed, ok, type Result } from '../../runtime/result.ts';
import { readRules } from './check-list.ts';
import type { BindLifetime, EgressRule } from './rule.ts';

const lasting = 'Rules of a profile hold for ever, since it belongs to no container.';

/** Understands the rules of a profile, which hold for ever. */
export function readProfileRules(
  rules: readonly WrittenEgressRule[],
): Result<readonly EgressRule[], readonly EgressRuleProblem[]> {
  const bind: BindLifetime = (span) => (span === 'forever' ? ok(undefined) : failed(lasting));
  const index = rules.findIndex(({ lifetime }) => typeof lifetime === 'object');
  return index < 0 ? readRules(rules, bind) : failed([{ index, message: lasting }]);
}
