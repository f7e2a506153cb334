import { expect, test } from 'vitest';
import { createLately } from '../../../../monitor/egress/guard/lately.ts';
import { namedLimit, whyPartly } from '../../../../monitor/egress/guard/guard-sight.ts';
import { readRule, type EgressRule } from '../../../../monitor/egress/list/rule.ts';
import { planWall } from '../../../../monitor/egress/wall/wall-plan.ts';

function allowing(target: string): EgressRule {
  const rule = readRule({ verdict: 'allow', target, local: true });
  if (!rule.ok) throw new Error(rule.error);
  return rule.value;
}

const reading = (sendsRaw: boolean) => ({
  listing: undefined,
  elements: [],
  otherTables: [],
  inode: 4,
  devices: ['eth0'],
  powers: { administers: false, sendsRaw },
  resolver: 'runs' as const,
});

function badge(
  name: string,
  networks: readonly string[],
  sendsRaw: boolean,
  more: {
    readonly isFlooded?: boolean;
    readonly unasked?: number;
    readonly lostLately?: number;
  } = {},
): string | undefined {
  const plan = planWall('enforce', { rules: [allowing(name)] }, [], networks);
  if (!plan.ok) throw new Error(plan.error);
  return whyPartly({
    plan: plan.value,
    reading: reading(sendsRaw),
    standing: undefined,
    gap: undefined,
    noGate: undefined,
    unproved: undefined,
    cannotAsk: undefined,
    isFlooded: false,
    lost: 0,
    strayed: undefined,
    problem: undefined,
    ...more,
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

test('What a crowd cost is told together: one loss hides no other', () => {
  const words = badge('a.test', [], false, { isFlooded: true, unasked: 7, lostLately: 524 });
  expect(words).toContain('could be followed');
  expect(words).toContain('7 packets were refused without a question, or wait');
  const one = badge('a.test', [], false, { unasked: 1 });
  expect(one).toContain('1 packet was refused without a question, or waits');
  expect(words).toContain('524 entries of its resolver’s log were lost');
});

test('The frames that no wall keeps back are named where somebody may fill them', () => {
  expect(namedLimit({ reading: reading(true) })).toContain('ARP');
  expect(namedLimit({ reading: reading(false) })).toBeUndefined();
});

test('What was refused without a question is told for two minutes after the last, over new walls too', () => {
  const lately = createLately();
  const minute = 60_000;
  expect(lately([0, 0], 0)).toBeUndefined();
  expect(lately([5, 2], 1)).toBe(7);
  // The counter of a new wall begins at nought.
  expect(lately([3, 2], minute)).toBe(10);
  expect(lately([3, 2], 3 * minute - 1)).toBe(10);
  expect(lately([3, 2], 3 * minute + 1)).toBeUndefined();
});
