import { describe, expect, it } from 'vitest';
import { followUsual, stepOf, type Usual } from '../../../monitor/stats/usual.ts';

const memory = 1000;

function follow(usual: Usual, values: readonly number[], from = 0): void {
  values.forEach((value, at) => {
    const seen = from + at;
    followUsual(usual, value, stepOf(seen, memory), { floor: 0, clip: 4, seen });
  });
}

/** Even between 9 and 11. */
const quiet = Array.from({ length: 2000 }, (_, at) => 9 + (2 * ((at * 7) % 101)) / 100);

describe('what is usual', () => {
  it('is the mean and the mean distance from it', () => {
    const usual = { middle: 0, deviation: 0 };
    follow(usual, quiet);
    expect(usual.middle).toBeCloseTo(10, 1);
    expect(usual.deviation).toBeCloseTo(0.5, 1);
  });

  it('is hardly moved by one value, however large', () => {
    const usual = { middle: 0, deviation: 0 };
    follow(usual, quiet);
    follow(usual, [1e12], quiet.length);
    expect(usual.middle).toBeCloseTo(10, 1);
    expect(usual.deviation).toBeLessThan(0.6);
  });

  it('becomes another one when a change lasts', () => {
    const usual = { middle: 0, deviation: 0 };
    follow(usual, quiet);
    follow(usual, new Array<number>(10_000).fill(30), quiet.length);
    expect(usual.middle).toBeCloseTo(30, 0);
  });
});
