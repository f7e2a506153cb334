import { describe, expect, test } from 'vitest';
import { alarmsPerDayBounds } from '../../monitor/detect/budget/alarm-budget.ts';
import { methods } from '../../monitor/rpc/protocol.ts';
import {
  budgetBounds,
  budgetOf,
  budgetPresets,
  changeOf,
  draftOfBudget,
  withChoice,
} from '../../renderer/state/budget-draft.ts';

const other = (text: string) => ({ choice: 'other', text }) as const;

describe('A budget that is being chosen', () => {
  test('begins with the one in force: a preset, or another number.', () => {
    expect(budgetPresets.map((preset) => draftOfBudget(Number(preset)))).toEqual([
      { choice: '0.2' },
      { choice: '1' },
      { choice: '5' },
    ]);
    expect(draftOfBudget(0.5)).toEqual(other('0.5'));
    for (const budget of [0.01, 0.2, 0.5, 1, 33.3, 100]) {
      expect(budgetOf(draftOfBudget(budget))).toBe(budget);
    }
  });

  test('may be another number, typed from the one that was chosen.', () => {
    expect(withChoice({ choice: '5' }, 'other')).toEqual(other('5'));
    expect(withChoice(other('0.7'), 'other')).toEqual(other('0.7'));
    expect(withChoice(other('0.7'), '1')).toEqual({ choice: '1' });
  });

  test.each(['0.01', '100', ' 2 ', '0.125'])('"%s" is one.', (text) => {
    expect(budgetOf(other(text))).toBe(Number(text));
  });

  test.each(['', '0', '0.009', '100.1', '101', '-1', '1e1', '0,5', 'one', '1 2', 'NaN', '.5'])(
    '"%s" is none.',
    (text) => {
      expect(budgetOf(other(text))).toBeUndefined();
    },
  );

  test('has the bounds of the monitor.', () => {
    expect(budgetBounds).toEqual(alarmsPerDayBounds);
    const { params } = methods.lowerAlarmBudget;
    for (const alarmsPerDay of Object.values(budgetBounds)) {
      expect(params.safeParse({ alarmsPerDay }).success).toBe(true);
    }
  });
});

test('More alarms tighten; fewer loosen, and to less than half they loosen much.', () => {
  expect(changeOf(1, 1)).toBe('none');
  expect(changeOf(0.2, 100)).toBe('tightens');
  expect(changeOf(1, 0.5)).toBe('loosens');
  expect(changeOf(1, 0.49)).toBe('loosens-much');
  expect(changeOf(5, 1)).toBe('loosens-much');
  expect(changeOf(1, 0.2)).toBe('loosens-much');
});
