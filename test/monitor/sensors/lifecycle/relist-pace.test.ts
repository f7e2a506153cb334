import { expect, test } from 'vitest';
import { relistAfterMs } from '../../../../monitor/sensors/lifecycle/relist-pace.ts';

const after = (findsContainers: boolean, standsStill: boolean): number =>
  relistAfterMs({ findsContainers: () => findsContainers, standsStill: () => standsStill });

test('The engine is asked for its list most often where nothing else finds new containers, and least where nothing moves.', () => {
  expect(after(false, false)).toBe(5_000);
  expect(after(false, true)).toBe(5_000);
  expect(after(true, false)).toBe(10_000);
  expect(after(true, true)).toBe(20_000);
});
