import { expect, test } from 'vitest';
import { poissonUpperBound } from './statistics.ts';

test.each([
  // From Garwood's table of limits, the one for 0.95 on one side.
  [0, 2.996],
  [1, 4.744],
  [5, 10.513],
  [10, 16.962],
  [100, 118.08],
])('Of a Poisson mean of which %i events were seen, the upper bound is %f.', (count, bound) => {
  expect(poissonUpperBound(count)).toBeCloseTo(bound, 1);
});
