import { describe, expect, test } from 'vitest';
import { rocOf } from './dns-roc.ts';
import { scoreTrace, sumUp } from './shil-score.ts';

/** Checked by hand against the definitions of the public evaluators. */
describe('Scores of the detect bench', () => {
  test('a tie counts half, and at 1 % one normal of a hundred may alarm', () => {
    const normals = Array.from({ length: 100 }, (_, index) => index);
    const roc = rocOf(normals, [98, 98.5, 99, 50]);
    expect(roc.threshold).toBe(98);
    expect(roc.atOnePercent).toBe(0.5);
    expect(roc.area).toBeCloseTo((98.5 + 99 + 99.5 + 50.5) / 400, 12);
  });

  test('alarms within ten seconds are one episode; an attack counts up to its success', () => {
    const label = {
      cve: 'CVE-2000-0001',
      application: 'web',
      container: '1',
      attackStart: 400,
      attackSuccess: 450,
      testRows: 500,
    };
    const alarmsAt = (...rows: number[]): boolean[] =>
      Array.from({ length: 500 }, (_, row) => rows.includes(row));
    const score = scoreTrace(alarmsAt(10, 110, 211, 430, 460), label);
    expect(score).toMatchObject({ falseShare: 3 / 400, hit: true, leadSeconds: 2, episodes: 2 });
    const late = scoreTrace(alarmsAt(451), label);
    expect(late).toMatchObject({
      falseShare: 0,
      hit: false,
      leadSeconds: 0,
      episodes: 0,
      chance: 0,
    });
    const both = sumUp([score, late]);
    expect(both).toMatchObject({ traces: 2, detected: 50, quiet: 50, leadSeconds: 1 });
    expect(both.episodesPerHour).toBeCloseTo(2 / (80 / 3600), 9);
  });
});
