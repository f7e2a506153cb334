import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fitTrend } from '../../../monitor/stats/trend.ts';

describe('a fitted trend', () => {
  it('finds a straight line exactly, with no error', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -1000, max: 1000 }),
        fc.integer({ min: 3, max: 60 }),
        (m, n) => {
          const xs = Array.from({ length: n }, (_, index) => index);
          const trend = fitTrend(
            xs,
            xs.map((x) => 5 + m * x),
          );
          expect(trend?.slope).toBeCloseTo(m, 6);
          expect(trend?.slopeError).toBeCloseTo(0, 6);
          expect(trend?.fit).toBeCloseTo(1, 6);
          expect(trend?.end).toBeCloseTo(5 + m * (n - 1), 5);
        },
      ),
    );
  });

  it('matches a worked example with scatter', () => {
    // Slope 0.6, intercept 2.2, residual sum of squares 2.4, so the error is sqrt(2.4 / 3 / 10).
    const trend = fitTrend([1, 2, 3, 4, 5], [2, 4, 5, 4, 5]);
    expect(trend?.slope).toBeCloseTo(0.6, 9);
    expect(trend?.slopeError).toBeCloseTo(Math.sqrt(2.4 / 3 / 10), 9);
    expect(trend?.fit).toBeCloseTo(0.6, 9);
  });

  it('says nothing about fewer than three points, or points above each other', () => {
    expect(fitTrend([1, 2], [1, 2])).toBeUndefined();
    expect(fitTrend([1, 1, 1], [1, 2, 3])).toBeUndefined();
  });
});
