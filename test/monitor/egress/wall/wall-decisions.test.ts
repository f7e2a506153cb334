import { expect, test } from 'vitest';
import { readRule } from '../../../../monitor/egress/list/rule.ts';
import { decisions } from '../../../../monitor/egress/wall/wall-decisions.ts';
import { planWall } from '../../../../monitor/egress/wall/wall-plan.ts';

/** The lines that let addresses of names pass. */
function passingNames(): readonly string[] {
  const rules = [true, false].map((local) => {
    const rule = readRule({
      verdict: 'allow',
      target: `${local ? 'inside' : 'outside'}.test`,
      local,
    });
    if (!rule.ok) throw new Error(rule.error);
    return rule.value;
  });
  const plan = planWall('enforce', { rules }, ['192.0.2.53'], []);
  if (!plan.ok) throw new Error(plan.error);
  const lines = decisions(plan.value, { refuse: 'goto refuse', pass: 'goto pass' });
  return lines.filter((line) => line.includes('daddr @n'));
}

test('A private address that a resolver takes for an answer is let through by the names alone that may lead there', () => {
  expect(passingNames()).toEqual([
    'ip daddr @n4_any_any goto pass',
    'ip daddr != 100.64.0.0/10 ip daddr @n4_public_any_any goto pass',
    'ip6 daddr @n6_any_any goto pass',
    'ip6 daddr != fc00::/7 ip6 daddr @n6_public_any_any goto pass',
  ]);
});
