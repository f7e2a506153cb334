import { expect, test } from 'vitest';
import { id } from '../main/examples.ts';
import { silentRules } from '../../renderer/state/silent-rules.ts';

const [one, other] = [id('a'), id('b')];
const when = { workloads: '', condition: '', holdMs: 0 };
const rule = { mode: 'observe', actions: [], ...when, line: 1 } as const;
const rules = [{ ...rule, name: 'tell', cooldownMs: 600_000 }];
const finding = {
  id: 'second',
  workload: 'web',
  container: one,
  onsetAt: 1_000_000,
  at: 1_060_000,
};

function toldAt(at: number, about = 'first', workload = 'web') {
  return silentRules(finding, rules, [
    { rule: 'tell', finding: about, workload, container: other, at },
  ]);
}

test('A rule that decided on the workload within its cool-down is silent about the next finding.', () => {
  expect(toldAt(990_000)).toEqual([{ rule: 'tell', decidedAt: 990_000, cooldownMs: 600_000 }]);
});

test('A rule is not called silent for what is long past, for itself, or for another workload.', () => {
  expect(toldAt(400_000)).toEqual([]);
  expect(toldAt(990_000, 'second')).toEqual([]);
  expect(toldAt(990_000, 'first', 'database')).toEqual([]);
  expect(silentRules(finding, rules, [])).toEqual([]);
});

test('A rule that acts is silent about the container only, not about one made anew.', () => {
  const acting = [{ ...rules[0]!, actions: [{ kind: 'pause' }] as const }];
  const decision = { rule: 'tell', finding: 'first', workload: 'web', at: 990_000 };
  expect(silentRules(finding, acting, [{ ...decision, container: other }])).toEqual([]);
  expect(silentRules(finding, acting, [{ ...decision, container: one }])).toHaveLength(1);
});
