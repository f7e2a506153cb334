import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  createCalibration,
  learnScore,
  packCalibration,
  probabilityOf,
  unpackCalibration,
  type Calibration,
} from '../../../monitor/stats/calibration.ts';

const scores = fc.array(fc.double({ min: 0, max: 1e4, noNaN: true }), {
  minLength: 10,
  maxLength: 500,
});

function taught(numbers: readonly number[], memory = 1e9): Calibration {
  const calibration = createCalibration();
  for (const value of numbers) learnScore(calibration, value, memory);
  return calibration;
}

describe('a calibration', () => {
  it('calls a higher score no more probable than a lower one', () => {
    fc.assert(
      fc.property(
        scores,
        fc.tuple(
          fc.double({ min: 0, max: 1e5, noNaN: true }),
          fc.double({ min: 1, max: 9, noNaN: true }),
        ),
        (numbers, [score, factor]) => {
          const calibration = taught(numbers);
          const higher = probabilityOf(calibration, score * factor);
          expect(higher).toBeLessThanOrEqual(probabilityOf(calibration, score) + 1e-12);
        },
      ),
    );
  });

  it('never claims more than the square of what it has seen allows', () => {
    fc.assert(
      fc.property(scores, (numbers) => {
        const probability = probabilityOf(taught(numbers), 1e6);
        expect(probability).toBeGreaterThanOrEqual(0.999 / (numbers.length + 1) ** 2);
        expect(probability).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('says nothing of a score before it has seen ten', () => {
    expect(probabilityOf(taught([1, 1, 1, 1, 1, 1, 1, 1, 1]), 1e6)).toBe(1);
  });

  it('calls what differs from scores that were all alike one in so many, however far it lies', () => {
    const calibration = taught(new Array<number>(999).fill(0));
    expect(probabilityOf(calibration, 10)).toBeCloseTo(1 / 1000, 6);
    expect(probabilityOf(calibration, 1e6)).toBeCloseTo(1 / 1000, 6);
    expect(probabilityOf(calibration, 0)).toBeGreaterThan(0.4);
  });

  it('goes on beyond the largest score with the tail of the scores it saw', () => {
    // The quantiles of a Pareto tail of index 1/2: P(score > s) = s^-2.
    const calibration = taught(
      Array.from({ length: 10_000 }, (_, at) => ((at + 0.5) / 10_000) ** -0.5),
    );
    for (const beyond of [200, 400, 800]) {
      const ratio = probabilityOf(calibration, beyond) / beyond ** -2;
      expect(ratio).toBeGreaterThan(0.4);
      expect(ratio).toBeLessThan(2.5);
    }
  });

  it('forgets: what was rare once is not after it has become usual', () => {
    const calibration = taught(new Array<number>(2000).fill(1), 500);
    expect(probabilityOf(calibration, 100)).toBeLessThan(0.01);
    for (let at = 0; at < 2000; at += 1) learnScore(calibration, 100, 500);
    expect(probabilityOf(calibration, 100)).toBeGreaterThan(0.4);
  });

  it('says the same after it was stored and read back', () => {
    fc.assert(
      fc.property(scores, fc.double({ min: 0, max: 1e5, noNaN: true }), (numbers, score) => {
        const before = taught(numbers, 200);
        const text = JSON.stringify(packCalibration(before));
        const after = unpackCalibration(JSON.parse(text) as ReturnType<typeof packCalibration>);
        expect(probabilityOf(after, score)).toBeCloseTo(probabilityOf(before, score), 6);
      }),
    );
  });
});
