import { expect, test } from 'vitest';
import { readRule } from '../../../../monitor/egress/list/rule.ts';
import { decisions } from '../../../../monitor/egress/wall/wall-decisions.ts';
import { planWall } from '../../../../monitor/egress/wall/wall-plan.ts';

/** The lines about addresses of names. */
function aboutNames(): readonly string[] {
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
  return lines.filter((line) => /daddr @[nk]/.test(line));
}

/** A flow that begins to one that is fresh keeps it; both pass. */
const linesOf = (ip: string, set: string, but = ''): readonly string[] => [
  `${but}${ip} daddr @n${set} update @k${set} { ${ip} daddr }`,
  `${but}${ip} daddr @n${set} goto pass`,
  `${but}${ip} daddr @k${set} goto pass`,
];

test('A private address that a resolver takes for an answer is let through by the names alone that may lead there', () => {
  expect(aboutNames()).toEqual([
    ...linesOf('ip', '4_any_any'),
    ...linesOf('ip', '4_public_any_any', 'ip daddr != 100.64.0.0/10 '),
    ...linesOf('ip6', '6_any_any'),
    ...linesOf('ip6', '6_public_any_any', 'ip6 daddr != fc00::/7 '),
  ]);
});
