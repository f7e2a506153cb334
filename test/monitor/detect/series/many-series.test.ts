import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  createManySeries,
  judgeTogether,
  packManySeries,
  unpackManySeries,
  type ManySeries,
  type PackedManySeries,
} from '../../../../monitor/detect/series/many-series.ts';
import { falseRatesOfMany } from '../../../bench/detect/false-rates.ts';
import { quietKinds, quietSeries } from '../../../bench/detect/quiet-series.ts';

const channels = 6;
const sources = Array.from({ length: channels }, (_, at) => quietSeries('noisy', at + 1));

function quietRow(): number[] {
  return sources.map((next) => next());
}

function learned(moments: number): ManySeries {
  const many = createManySeries(channels);
  for (let at = 0; at < moments; at += 1) judgeTogether(many, quietRow());
  return many;
}

describe('the detector of several series', () => {
  it.each(quietKinds)('is wrong on six %s series no more often than it says', (kind) => {
    const rates = falseRatesOfMany(kind, 60_000);
    expect(rates[0]).toBeLessThan(1.5e-1);
    expect(rates[1]).toBeLessThan(2e-2);
    expect(rates[2]).toBeLessThan(3e-3);
    expect(rates[3]).toBeLessThan(1e-3);
  });

  it('finds one channel that goes its own way, and names it', () => {
    const many = learned(5000);
    let least = 1;
    let culprit = -1;
    for (let at = 0; at < 20; at += 1) {
      const row = quietRow();
      row[4] = 150;
      const judged = judgeTogether(many, row);
      if (judged !== undefined && judged.probability < least)
        ({ culprit, probability: least } = judged);
    }
    expect(least).toBeLessThan(1e-3);
    expect(culprit).toBe(4);
  });

  it('finds that all channels move a little at once where one alone would be nothing', () => {
    const lowest = (shifted: (at: number) => boolean): number => {
      const many = learned(5000);
      let least = 1;
      for (let moment = 0; moment < 30; moment += 1) {
        const row = quietRow().map((value, at) => (shifted(at) ? value + 12 : value));
        least = Math.min(least, judgeTogether(many, row)?.probability ?? 1);
      }
      return least;
    };
    const all = lowest(() => true);
    expect(all).toBeLessThan(1e-3);
    expect(all).toBeLessThan(lowest((at) => at === 0));
  });

  it('finds what moves after all have stood still from the beginning', () => {
    const many = createManySeries(2);
    for (let at = 0; at < 1000; at += 1) judgeTogether(many, [5, 7]);
    const strengths = Array.from({ length: 5 }, () => judgeTogether(many, [9, 7])?.strength ?? 0);
    expect(Math.max(...strengths)).toBeGreaterThan(10);
    expect(many.views.every(({ variance }) => variance > 0)).toBe(true);
  });

  it('says nothing of a moment in which a value is missing or no number', () => {
    const many = learned(100);
    expect(judgeTogether(many, [1, 2, 3])).toBeUndefined();
    expect(judgeTogether(many, [1, 2, 3, 4, 5, Number.NaN])).toBeUndefined();
    expect(many.seen).toBe(100);
  });

  it('gives a probability for whatever numbers come, and keeps nothing that is none', () => {
    const row = fc.tuple(fc.double(), fc.double());
    fc.assert(
      fc.property(fc.array(row, { minLength: 30, maxLength: 300 }), (rows) => {
        const many = createManySeries(2);
        for (const values of rows) {
          const judged = judgeTogether(many, values);
          if (judged === undefined) continue;
          expect(judged.probability).toBeGreaterThan(0);
          expect(judged.probability).toBeLessThanOrEqual(1);
        }
        const kept = many.channels.flatMap(({ squares, ...rest }) => [
          ...squares,
          ...Object.values<number>(rest),
        ]);
        expect(kept.every(Number.isFinite)).toBe(true);
        expect(
          many.views.flatMap((view) => Object.values<number>({ ...view })).every(Number.isFinite),
        ).toBe(true);
      }),
    );
  });

  it('goes on after it was stored and read back as if nothing had been', () => {
    const kept = learned(3000);
    const text = JSON.stringify(packManySeries(kept));
    const restored = unpackManySeries(JSON.parse(text) as PackedManySeries);
    for (let at = 0; at < 100; at += 1) {
      const row = quietRow();
      const before = judgeTogether(kept, row);
      const since = judgeTogether(restored, row);
      expect(since?.probability).toBeCloseTo(before?.probability ?? -1, 6);
      expect(since?.culprit).toBe(before?.culprit);
    }
  });
});
