import { describe, expect, it } from 'vitest';
import { forecastWalk } from '../../../monitor/stats/walk-forecast.ts';
import { evenNumbers } from '../../bench/detect/quiet-series.ts';

const times = (count: number): number[] => Array.from({ length: count }, (_, at) => at);

describe('the forecast of something that grows by uneven steps', () => {
  it('is one moment where all steps are alike', () => {
    const even = times(10).map((at) => 3 + 5 * at);
    const forecast = forecastWalk(times(10), even, 100);
    expect(forecast?.earliest).toBeCloseTo(20, 9);
    expect(forecast?.latest).toBeCloseTo(20, 9);
  });

  it('holds the moment in nineteen of twenty cases, as it says', () => {
    let [held, told] = [0, 0];
    for (let seed = 1; seed <= 1_000; seed += 1) {
      const even = evenNumbers(seed);
      let value = 0;
      const walk = times(400).map(() => (value += 20 * even()));
      const seen = walk.slice(0, 24);
      const forecast = forecastWalk(times(24), seen, 500);
      if (forecast === undefined) continue;
      told += 1;
      const took = walk.findIndex((each) => each >= (seen[23] ?? 0) + 500) - 23;
      // Between two steps nobody looks.
      if (took >= forecast.earliest && took - 1 <= forecast.latest) held += 1;
    }
    expect(told).toBeGreaterThan(990);
    expect(held / told).toBeGreaterThan(0.92);
    expect(held / told).toBeLessThan(0.98);
  });

  it('does not depend on how often it is looked at', () => {
    const even = evenNumbers(5);
    let value = 0;
    const fine = times(240).map(() => (value += 2 * even()));
    const often = forecastWalk(
      times(240).map((at) => at / 10),
      fine,
      500,
    );
    const seldom = forecastWalk(
      times(24),
      fine.filter((_, at) => at % 10 === 0),
      500,
    );
    expect(often?.latest).toBeGreaterThan(0.7 * (seldom?.latest ?? 0));
    expect(often?.latest).toBeLessThan(1.4 * (seldom?.latest ?? 0));
  });

  it('is silent where growth may be none, of few samples, and of what does not grow', () => {
    expect(forecastWalk(times(8), [0, 116, 117, 118, 119, 120, 121, 122], 900)).toBeUndefined();
    expect(forecastWalk(times(4), [0, 5, 10, 15], 100)).toBeUndefined();
    expect(forecastWalk(times(6), [9, 8, 7, 6, 5, 4], 100)).toBeUndefined();
    expect(forecastWalk([0, 1, 1, 2, 3], [0, 1, 2, 3, 4], 100)).toBeUndefined();
    expect(forecastWalk(times(6), times(6), 0)).toBeUndefined();
  });
});
