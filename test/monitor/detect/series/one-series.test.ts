import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  createOneSeries,
  judgeValue,
  packSeries,
  unpackSeries,
  type OneSeries,
  type PackedSeries,
} from '../../../../monitor/detect/series/one-series.ts';
import { falseRatesOfOne } from '../../../bench/detect/false-rates.ts';
import { quietKinds, quietSeries } from '../../../bench/detect/quiet-series.ts';

function after(kind: (typeof quietKinds)[number], values: number): OneSeries {
  const series = createOneSeries();
  const next = quietSeries(kind, 3);
  for (let at = 0; at < values; at += 1) judgeValue(series, next());
  return series;
}

function probability(series: OneSeries, value: number): number {
  return judgeValue(series, value)?.probability ?? 1;
}

describe('the detector of one series', () => {
  it.each(quietKinds)('is wrong on a %s series no more often than it says', (kind) => {
    const rates = falseRatesOfOne(kind, 60_000);
    expect(rates[0]).toBeLessThan(1.5e-1);
    expect(rates[1]).toBeLessThan(1.5e-2);
    expect(rates[2]).toBeLessThan(2.5e-3);
    expect(rates[3]).toBeLessThan(1e-3);
  });

  it.each(['noisy', 'bursty', 'autocorrelated'] as const)(
    'is not silent either: on a %s series about one value in ten is a one-in-ten value',
    (kind) => {
      expect(falseRatesOfOne(kind, 60_000)[0]).toBeGreaterThan(0.05);
    },
  );

  it('finds a spike, the same whatever the unit', () => {
    for (const unit of [1e-6, 1, 1e9]) {
      const series = createOneSeries();
      const next = quietSeries('noisy', 3);
      for (let at = 0; at < 5000; at += 1) judgeValue(series, next() * unit);
      expect(probability(series, 200 * unit)).toBeLessThan(1e-3);
    }
  });

  it('finds a level that no single value tells, by the local mean', () => {
    const series = after('noisy', 5000);
    let least = 1;
    for (let at = 0; at < 60; at += 1) {
      const judged = judgeValue(series, 58 + (at % 5));
      least = Math.min(least, judged?.mean ?? 1);
      expect(judged?.level).toBeGreaterThan(1e-3);
    }
    expect(least).toBeLessThan(1e-3);
  });

  it('finds that a noisy series has gone flat, by its unrest', () => {
    const series = after('noisy', 5000);
    let least = 1;
    for (let at = 0; at < 600; at += 1)
      least = Math.min(least, judgeValue(series, 50)?.unrest ?? 1);
    expect(least).toBeLessThan(1e-3);
  });

  it('calls the first movement of a flat series one in so many, and flatness nothing', () => {
    const series = after('flat', 5000);
    expect(probability(series, 5)).toBeGreaterThan(0.1);
    const moved = probability(series, 9);
    expect(moved).toBeLessThan(1e-3);
    expect(moved).toBeGreaterThan(1e-5);
  });

  it('claims little of a series it hardly knows', () => {
    const series = after('noisy', 60);
    expect(probability(series, 1e9)).toBeGreaterThan(1e-4);
  });

  it('takes no movement below the least one that means anything as strange', () => {
    const series = createOneSeries();
    for (let at = 0; at < 5000; at += 1) judgeValue(series, 0, { least: 1 });
    expect(judgeValue(series, 0.0005, { least: 1 })?.probability).toBeGreaterThan(0.1);
  });

  it('learns nothing while it is told not to', () => {
    const series = after('noisy', 5000);
    const before = JSON.stringify([
      packSeries(series).level,
      series.level.now.middle,
      series.level.now.seen,
    ]);
    for (let at = 0; at < 1000; at += 1) judgeValue(series, 500, { learns: false });
    expect(
      JSON.stringify([packSeries(series).level, series.level.now.middle, series.level.now.seen]),
    ).toBe(before);
  });

  it('passes over what is no number', () => {
    const series = after('noisy', 100);
    expect(judgeValue(series, Number.NaN)).toBeUndefined();
    expect(judgeValue(series, Number.POSITIVE_INFINITY)).toBeUndefined();
    expect(judgeValue(series, 50)).toBeDefined();
  });

  it('gives a probability for whatever numbers come, and keeps nothing that is none', () => {
    fc.assert(
      fc.property(fc.array(fc.double(), { minLength: 30, maxLength: 300 }), (values) => {
        const series = createOneSeries();
        for (const value of values) {
          const judged = judgeValue(series, value);
          if (judged === undefined) continue;
          expect(judged.probability).toBeGreaterThan(0);
          expect(judged.probability).toBeLessThanOrEqual(1);
          expect(judged.strength).toBeGreaterThanOrEqual(0);
        }
        expect(Object.values(series.now).every(Number.isFinite)).toBe(true);
      }),
    );
  });

  it('goes on after it was stored and read back as if nothing had been', () => {
    const kept = after('bursty', 3000);
    const packed = JSON.parse(JSON.stringify(packSeries(kept))) as PackedSeries;
    const restored = unpackSeries(packed);
    const next = quietSeries('bursty', 8);
    for (let at = 0; at < 200; at += 1) {
      const value = next();
      expect(probability(restored, value)).toBeCloseTo(probability(kept, value), 6);
    }
  });
});
