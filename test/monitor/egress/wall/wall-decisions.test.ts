import { expect, test } from 'vitest';
import { readRule } from '../../../../monitor/egress/list/rule.ts';
import { decisions } from '../../../../monitor/egress/wall/wall-decisions.ts';
import { planWall } from '../../../../monitor/egress/wall/wall-plan.ts';

/** The lines before the first that lets an address of a name pass. */
function beforeNames(local: boolean): readonly string[] {
  const rule = readRule({ verdict: 'allow', target: 'a.test', local });
  if (!rule.ok) throw new Error(rule.error);
  const plan = planWall('enforce', { rules: [rule.value] }, ['192.0.2.53'], []);
  if (!plan.ok) throw new Error(plan.error);
  const lines = decisions(plan.value, { refuse: 'goto refuse', pass: 'goto pass' });
  return lines.slice(
    0,
    lines.findIndex((line) => line.includes('@n4_')),
  );
}

test('Private addresses that a resolver takes for an answer are refused by the wall, unless a name may lead there', () => {
  const shared = 'ip daddr 100.64.0.0/10 goto refuse';
  expect(beforeNames(false)).toContain(shared);
  expect(beforeNames(true)).not.toContain(shared);
});
