import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mixDistance, sumOf } from '../../../monitor/stats/mix.ts';

const vector = fc.array(fc.nat(10_000), { minLength: 1, maxLength: 12 });

function sharesOf(counts: readonly number[]): number[] {
  const total = sumOf(counts);
  return counts.map((count) => count / total);
}

describe('the distance of a mix of counts from known shares', () => {
  it('is that of Hellinger, squared', () => {
    expect(mixDistance([1, 1], 2, [1, 0], 0)).toBeCloseTo(1 - Math.SQRT1_2, 12);
    expect(mixDistance([3, 0, 1], 4, [0, 1], 0)).toBe(1);
    expect(mixDistance([9, 16], 25, [16 / 25, 9 / 25], 0)).toBeCloseTo(1 - (2 * 12) / 25, 12);
  });

  it('is nothing between the same mixes, whatever their length and number', () => {
    fc.assert(
      fc.property(vector, fc.integer({ min: 1, max: 50 }), (counts, times) => {
        fc.pre(sumOf(counts) > 0);
        const more = counts.map((count) => count * times);
        const distance = mixDistance(more, sumOf(more), [...sharesOf(counts), 0], 0);
        expect(distance).toBeCloseTo(0, 9);
      }),
    );
  });

  it('lies between 0 and 1, is the same both ways, and the less the more doubt there is', () => {
    fc.assert(
      fc.property(vector, vector, fc.nat(100_000), (one, other, doubt) => {
        fc.pre(sumOf(one) > 0 && sumOf(other) > 0);
        const sure = mixDistance(one, sumOf(one), sharesOf(other), 0);
        const doubtful = mixDistance(one, sumOf(one), sharesOf(other), doubt);
        expect(sure).toBeLessThanOrEqual(1);
        expect(doubtful).toBeGreaterThanOrEqual(0);
        expect(doubtful).toBeLessThanOrEqual(sure + 1e-9);
        expect(mixDistance(other, sumOf(other), sharesOf(one), 0)).toBeCloseTo(sure, 9);
      }),
    );
  });

  it('is nothing of no counts', () => {
    expect(mixDistance([], 0, [1], 100)).toBe(0);
    expect(mixDistance([0, 0], 0, [0.5, 0.5], 0)).toBe(0);
  });
});
