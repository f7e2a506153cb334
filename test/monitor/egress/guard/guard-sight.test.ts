import { expect, test } from 'vitest';
import { createLately } from '../../../../monitor/egress/guard/lately.ts';
import {
  namedLimits,
  ownStackOf,
  whyPartly,
} from '../../../../monitor/egress/guard/guard-sight.ts';
import { ok } from '../../../../monitor/runtime/result.ts';
import { readRule, type EgressRule } from '../../../../monitor/egress/list/rule.ts';
import { observingPlan, planWall } from '../../../../monitor/egress/wall/wall-plan.ts';

function allowing(target: string): EgressRule {
  const isName = !/^[\d.\/]+$/.test(target);
  const rule = readRule({ verdict: 'allow', target, ...(isName && { local: true }) });
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

function limits(
  targets: readonly string[],
  how: { readonly sendsRaw?: boolean; readonly mode?: 'enforce' | 'ask' | 'observe' } = {},
): readonly string[] {
  const { sendsRaw = false, mode = 'enforce' } = how;
  const plan =
    mode === 'observe'
      ? ok(observingPlan)
      : planWall(mode, { rules: targets.map(allowing) }, [], ['shop']);
  if (!plan.ok) throw new Error(plan.error);
  return namedLimits({ plan: plan.value, reading: reading(sendsRaw) });
}

const [frames, neighbours, tunnel] = [/ARP/, /under other names/, /tunnel in the names below/];

test('The frames that no wall keeps back are named where somebody may fill them', () => {
  expect(limits([], { sendsRaw: true })).toEqual([expect.stringMatching(frames)]);
  expect(limits([])).toEqual([]);
});

test('Who allows a public name is told that its server may be others’ too, and of a tunnel below an allowed *.', () => {
  expect(limits(['a.test'])).toEqual([expect.stringMatching(neighbours)]);
  for (const mode of ['enforce', 'ask'] as const) {
    const told = limits(['a.test', '*.b.test', '*.c.test'], { sendsRaw: true, mode });
    expect(told).toHaveLength(3);
    for (const limit of [frames, neighbours, tunnel]) {
      expect(told).toContainEqual(expect.stringMatching(limit));
    }
  }
});

test('It is not told of what is reached by address or by Docker’s resolver alone, nor where nothing is kept back', () => {
  expect(limits(['192.0.2.1', '10.0.0.0/8'])).toEqual([]);
  expect(limits(['db', 'db.shop'])).toEqual([]);
  expect(limits(['*.b.test'], { sendsRaw: true, mode: 'observe' })).toEqual([]);
});

test('A limit is a short sentence', () => {
  for (const each of limits(['a.test', `*.${'b'.repeat(60)}.test`], { sendsRaw: true })) {
    expect(each).toMatch(/^[A-Z].*\.$/);
    expect(each.length).toBeLessThan(260);
  }
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

test('Frames refused of a runtime with network code of its own mean that its list cannot decide; of runc they do not', () => {
  const counted = (frames: number) => ({
    listing: {
      ...{ digest: '', innerDigest: '', sent: [], received: [], refused: [] },
      counters: { frames },
    },
  });
  expect(ownStackOf({ runtime: 'runsc' }, counted(1))).toMatch(
    /^runsc sends past .* nothing gets out, also what its list allows\. With --network=host /,
  );
  expect(ownStackOf({ runtime: 'runsc' }, counted(0))).toBeUndefined();
  expect(ownStackOf({ runtime: 'runc' }, counted(1))).toBeUndefined();
});
