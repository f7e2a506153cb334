import { expect, test } from 'vitest';
import { silentRules } from '../../renderer/state/silent-rules.ts';

const rule = { mode: 'observe', actions: [], occasion: '', rhythm: '', line: 1 } as const;
const rules = [{ ...rule, name: 'tell', cooldownMs: 600_000 }];
const finding = { id: 'second', workload: 'web', onsetAt: 1_000_000, at: 1_060_000 } as const;

function toldAt(at: number, about = 'first', workload = 'web') {
  return silentRules(finding, rules, [{ rule: 'tell', finding: about, workload, at }]);
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
