import { expect, test } from 'vitest';
import { whyPartly } from '../../../../monitor/egress/guard/guard-sight.ts';
import { readRule, type EgressRule } from '../../../../monitor/egress/list/rule.ts';
import { planWall } from '../../../../monitor/egress/wall/wall-plan.ts';

function allowing(target: string): EgressRule {
  const rule = readRule({ verdict: 'allow', target, local: true });
  if (!rule.ok) throw new Error(rule.error);
  return rule.value;
}

function badge(name: string, networks: readonly string[], sendsRaw: boolean): string | undefined {
  const plan = planWall('enforce', { rules: [allowing(name)] }, [], networks);
  if (!plan.ok) throw new Error(plan.error);
  return whyPartly({
    plan: plan.value,
    reading: {
      listing: undefined,
      elements: [],
      otherTables: [],
      inode: 4,
      devices: ['eth0'],
      powers: { administers: false, sendsRaw },
      resolver: 'runs',
    },
    standing: undefined,
    gap: undefined,
    noGate: undefined,
    unproved: undefined,
    cannotAsk: undefined,
    isFlooded: false,
    strayed: undefined,
    problem: undefined,
  });
}

test('Who may answer in place of Docker’s resolver is told on the badge, with what to do', () => {
  expect(badge('db', ['shop_default'], true)).toMatch(/name db .*--cap-drop NET_RAW/);
});

test('It is not told where it cannot be: no raw packets, no service among the rules, no such resolver', () => {
  expect(badge('db', ['shop_default'], false)).toBeUndefined();
  expect(badge('db.example.com', ['shop_default'], true)).toBeUndefined();
  expect(badge('db', [], true)).toBeUndefined();
});
