import type { EgressRuleProblem, WrittenEgressRule } from '../../model/egress.ts';
import { failed, ok, type Result } from '../../runtime/result.ts';
import { planNames } from '../wall/name-plan.ts';
import { readRule, ruleKey, type BindLifetime, type EgressRule } from './rule.ts';
import { combinedRules, problemOf, type RuleBook, type WorkloadRules } from './rule-book.ts';

/** Problems beyond so many are not told one by one. */
export const mostProblems = 50;

/** Understands every rule of a list, or says of each what is wrong with it. */
export function readRules(
  written: readonly WrittenEgressRule[],
  bind: BindLifetime,
): Result<readonly EgressRule[], readonly EgressRuleProblem[]> {
  const rules: EgressRule[] = [];
  const problems: EgressRuleProblem[] = [];
  const seen = new Map<string, number>();
  for (const [index, each] of written.entries()) {
    if (problems.length === mostProblems) break;
    const rule = readRule(each, bind);
    if (!rule.ok) {
      problems.push({ index, message: rule.error });
      continue;
    }
    const key = ruleKey(rule.value);
    const first = seen.get(key);
    if (first === undefined) seen.set(key, index);
    else {
      const message = `Rule ${first + 1} is about the same traffic already.`;
      problems.push({ index, message });
    }
    rules.push(rule.value);
  }
  return problems.length === 0 ? ok(rules) : failed(problems);
}

/** Whether the list can be kept as a whole; the rule that names do not agree about is told. */
export function checkList(
  book: RuleBook,
  list: WorkloadRules,
): Result<WorkloadRules, readonly EgressRuleProblem[]> {
  const problem = problemOf(book, list);
  if (problem === undefined) return ok(list);
  return failed([{ index: conflictingRule(book, list), message: problem }]);
}

/** The last rule of the list's own that is about a name which cannot be planned. */
function conflictingRule(book: RuleBook, list: WorkloadRules): number | undefined {
  const rules = combinedRules(book, list);
  const planned = planNames(rules);
  if (planned.ok) return undefined;
  const index = list.rules.findLastIndex(
    ({ target }) => target.kind === 'name' && planned.error.startsWith(`${target.name} and `),
  );
  return index < 0 ? undefined : index;
}

/** The problems in words, a line each, with the numbers of the rules. */
export function sentences(problems: readonly EgressRuleProblem[]): string {
  return problems
    .map(({ index, message }) => (index === undefined ? message : `Rule ${index + 1}: ${message}`))
    .join('\n');
}
