import fc from 'fast-check';
import { quantileSorted } from 'simple-statistics';
import { describe, expect, it } from 'vitest';
import {
  addToHistogram,
  createLogHistogram,
  exceedance,
  histogramLowQuantile,
  histogramQuantile,
  packHistogram,
  unpackHistogram,
} from '../../../monitor/stats/log-histogram.ts';

const values = fc.array(fc.double({ min: 1, max: 1e8, noNaN: true }), {
  minLength: 20,
  maxLength: 400,
});

function filled(numbers: readonly number[]) {
  const histogram = createLogHistogram(1);
  for (const value of numbers) addToHistogram(histogram, value);
  return histogram;
}

describe('a histogram with buckets of equal ratio', () => {
  it('tells any quantile to within a bucket of the true order statistic', () => {
    fc.assert(
      fc.property(values, fc.double({ min: 0.01, max: 1, noNaN: true }), (numbers, q) => {
        const sorted = [...numbers].sort((a, b) => a - b);
        const index = Math.max(0, Math.ceil(q * sorted.length - 1e-9) - 1);
        const exact = sorted[index] ?? 0;
        const told = histogramQuantile(filled(numbers), q);
        expect(told).toBeGreaterThanOrEqual(exact * 0.999);
        expect(told).toBeLessThanOrEqual(exact * 1.2001);
        const low = histogramLowQuantile(filled(numbers), q);
        expect(low).toBeLessThanOrEqual(exact * 1.0001);
        if (exact > 1.2) expect(low).toBeGreaterThanOrEqual(exact / 1.2001);
      }),
    );
  });

  it('gives every value that was seen a p-value of at least its share, and a new maximum the least', () => {
    fc.assert(
      fc.property(values, (numbers) => {
        const histogram = filled(numbers);
        const sorted = [...numbers].sort((a, b) => a - b);
        expect(exceedance(histogram, quantileSorted(sorted, 0.5))).toBeGreaterThanOrEqual(0.4);
        expect(exceedance(histogram, 1e9)).toBeCloseTo(1 / (numbers.length + 1), 9);
      }),
    );
  });

  it('comes back from its packed form as it was', () => {
    fc.assert(
      fc.property(values, (numbers) => {
        const histogram = filled(numbers);
        const again = unpackHistogram(1, packHistogram(histogram));
        expect(packHistogram(again)).toEqual(packHistogram(histogram));
        expect(again.total).toBeCloseTo(histogram.total, 9);
      }),
    );
  });

  it('keeps no room beyond what was seen, and tells what lies there all the same', () => {
    const histogram = filled([1, 2, 3]);
    expect(histogram.counts.length).toBeLessThan(16);
    expect(exceedance(histogram, 1e8)).toBe(0.25);
    addToHistogram(histogram, 1e8);
    expect(exceedance(histogram, 1e8)).toBe(0.4);
    expect(histogramQuantile(histogram, 1)).toBeGreaterThanOrEqual(1e8);
    expect(histogramQuantile(histogram, 0.5)).toBeLessThan(3);
  });

  it('leaves out packed pairs that make no sense', () => {
    const pairs = [
      [-1, 4],
      [3, Number.NaN],
      [2, 5],
      [1e9, 1],
      [0.5, 1],
    ] as const;
    expect(packHistogram(unpackHistogram(1, pairs))).toEqual([[2, 5]]);
  });

  it('counts what is not a number as nothing', () => {
    const histogram = filled([Number.NaN, -3, 0]);
    expect(histogramQuantile(histogram, 1)).toBe(1);
  });
});
