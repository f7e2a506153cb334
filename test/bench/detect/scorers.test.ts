import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { nabAt, nabAtBest, nabNormalised, nabProfiles, rankRows } from './nab-score.ts';
import { segmentsOf, vusPr } from './vus-pr.ts';

const rows = 400;

/** Numbers that look like chance, the same every time: the evaluators were given them too. */
function chance(at: number, series = 0): number {
  return ((at * 7919 + series * 131) % 997) / 997;
}

const labels = Array.from(
  { length: rows },
  (_, at) => (at >= 120 && at <= 140) || (at >= 300 && at <= 303) || (at >= 320 && at <= 322),
);
const ranked = Float64Array.from(labels, (label, at) =>
  label ? 0.5 * chance(at) + 0.5 : chance(at),
);

const windows: readonly (readonly (readonly [number, number])[])[] = [
  [
    [150, 190],
    [300, 330],
  ],
  [[100, 139]],
  [],
];
const corpus = windows.map((labelled, series) => {
  const scores = Float64Array.from({ length: rows }, (_, at) => chance(at, series));
  for (const [first] of labelled) scores[first + 5] = 2 + series;
  return { labels: { rows, windows: labelled }, scores };
});

/** A folder with `nab_eval.py` and `vus_eval.py`, where the environment names one. */
const evaluators = process.env['SENTRA_EVALUATORS'];

describe('the volume under the precision-recall surface', () => {
  it.each([
    [0, 0.14379617664472277],
    [1, 0.14379617664472277],
    [20, 0.20237217157536933],
    [50, 0.2705629041949984],
  ])('up to the window %d is what the reference evaluator gives', (window, expected) => {
    expect(vusPr(labels, ranked, window)).toBeCloseTo(expected, 10);
  });

  it('is 1 for scores that are the labels, without a window', () => {
    const perfect = Float64Array.from(labels, (label) => (label ? 1 : 0));
    expect(vusPr(labels, perfect, 0)).toBeCloseTo(1, 1);
  });

  it('is undefined where nothing is labelled', () => {
    expect(vusPr([false, false], Float64Array.of(1, 2), 3)).toBeNaN();
  });

  it('finds stretches up to both ends', () => {
    expect(segmentsOf([true, true, false, true])).toEqual([
      [0, 1],
      [3, 3],
    ]);
  });
});

describe('the scoring of the Numenta benchmark', () => {
  const rankedRows = rankRows(corpus);

  it.each([
    [nabProfiles.standard, 99.3422888534886, 79.45760138683897],
    [nabProfiles.fewFalseAlarms, 99.3422888534886, 59.57291392018934],
    [nabProfiles.fewMisses, 99.56152590232574, 86.30506759122598],
  ])('gives $name what the reference evaluator gives', (profile, best, at99) => {
    const chosen = nabAtBest(rankedRows, profile);
    expect(chosen).toMatchObject({ threshold: 2, windows: 3, hit: 3, falseRows: 0 });
    expect(nabNormalised(chosen.total, 3, 3, profile)).toBeCloseTo(best, 8);
    const fixed = nabAt(rankedRows, profile, 0.99);
    expect(fixed).toMatchObject({ hit: 3, falseRows: 11 });
    expect(nabNormalised(fixed.total, 3, 3, profile)).toBeCloseTo(at99, 8);
  });

  it('gives 0 for silence', () => {
    const silent = nabAt(rankedRows, nabProfiles.standard, 1e9);
    expect(silent).toMatchObject({ hit: 0, falseRows: 0 });
    expect(nabNormalised(silent.total, 3, 3, nabProfiles.standard)).toBe(0);
  });
});

/** Besides the known values above: by the evaluators themselves, where somebody has them. */
const byEvaluators = evaluators === undefined ? (): void => undefined : describe;

byEvaluators('the evaluators that SENTRA_EVALUATORS names', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sentra-evaluators-'));
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  function evaluate(script: string, ...options: string[]): string {
    const path = join(evaluators ?? '', script);
    expect(existsSync(path)).toBe(true);
    return execFileSync('python3', [path, ...options], { encoding: 'utf8' });
  }

  it('give the same volume for the same scores', () => {
    const file = join(folder, 'labels.txt');
    const scores = join(folder, 'scores.txt');
    writeFileSync(file, labels.map((label) => `${label ? 1 : 0}\n`).join(''));
    writeFileSync(scores, Array.from(ranked, (score) => `${score}\n`).join(''));
    const said = evaluate('vus_eval.py', '--labels', file, '--scores', scores, '--window', '20');
    expect(said).toContain(`VUS-PR ${vusPr(labels, ranked, 20).toFixed(4)}`);
  });

  it('give the same points for the same alarms', () => {
    const time = (at: number): string =>
      new Date(Date.UTC(2026, 0, 1) + 300_000 * at).toISOString().replace('T', ' ').slice(0, 19);
    const named: Record<string, string[][]> = {};
    corpus.forEach(({ scores }, series) => {
      for (const kind of ['data/made', 'scores/made'])
        mkdirSync(join(folder, kind), { recursive: true });
      const times = Array.from(scores, (_, at) => time(at));
      named[`made/${series}.csv`] = (windows[series] ?? []).map((ends) => ends.map(time));
      writeFileSync(
        join(folder, `data/made/${series}.csv`),
        `timestamp,value\n${times.map((at) => `${at},1\n`).join('')}`,
      );
      writeFileSync(
        join(folder, `scores/made/${series}.csv`),
        `timestamp,anomaly_score\n${times.map((at, row) => `${at},${scores[row] ?? 0}\n`).join('')}`,
      );
    });
    writeFileSync(join(folder, 'combined_windows.json'), JSON.stringify(named));
    const options = ['--data', folder, '--scores', join(folder, 'scores'), '--threshold', '0.99'];
    const outcome = nabAt(rankRows(corpus), nabProfiles.standard, 0.99);
    const points = nabNormalised(outcome.total, 3, 3, nabProfiles.standard).toFixed(3);
    expect(evaluate('nab_eval.py', ...options)).toMatch(
      new RegExp(`standard +normalised +${points} .* windows hit 3/3 +fp rows 11/`),
    );
  });
});
