import { expect, it } from 'vitest';
import {
  createAlarmHold,
  holdReach,
  lettingThrough,
} from '../../../../monitor/detect/series/alarm-hold.ts';

it('lets one alarm of an incident through, a stranger one too, and the next incident again', () => {
  const hold = createAlarmHold();
  const passed = [3, 3, 2, 4, 1].map((surprise) => lettingThrough(hold, surprise));
  expect(passed).toEqual([3, 0, 0, 4, 0]);
  for (let at = 0; at < holdReach; at += 1) lettingThrough(hold, 0);
  expect(lettingThrough(hold, 3)).toBe(3);
});
