import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createManySeries, judgeTogether } from '../../../monitor/detect/series/many-series.ts';
import { createOneSeries, judgeValue } from '../../../monitor/detect/series/one-series.ts';
import { atLeast, targetOf, type BenchResult } from '../result.ts';
import { DataSetError } from './data-set-error.ts';
import { heed, writeScores, type DetectSet, type HalfOptions } from './detect-set.ts';
import type { Half } from './halves.ts';
import { linesOf, numberIn, numbersIn, rowsOf } from './number-table.ts';
import { vusPr } from './vus-pr.ts';

/** One server or series: what to score, and what the detector may see before. */
interface RankedSeries {
  readonly name: string;
  readonly before: readonly (readonly number[])[];
  readonly rows: readonly (readonly number[])[];
  readonly labels: readonly boolean[];
  /** The longest window of the volume under the surface. */
  readonly window: number;
}

/** What the detector says of every row. */
interface RowScores {
  readonly strength: Float64Array;
  readonly surprise: Float64Array;
}

const manifest = 'manifest.tsv';

function labelsOf(path: string, column: readonly number[]): readonly boolean[] {
  if (!column.some((label) => label > 0)) throw new DataSetError(`${path} labels no row.`);
  return column.map((label) => label > 0);
}

/** A labels file that lies beside a table of metrics, or one that holds values and labels. */
function readSeries(name: string, path: string, window: number): RankedSeries {
  const last = numbersIn(path).map((row) => row.at(-1) ?? 0);
  const labels = labelsOf(path, last);
  if (!path.endsWith('test_label.txt.gz')) {
    return {
      name,
      before: [],
      rows: numbersIn(path).map((row) => row.slice(0, -1)),
      labels,
      window,
    };
  }
  const train = join(dirname(path), 'train.csv.gz');
  const rows = numbersIn(join(dirname(path), 'test.csv.gz'));
  if (rows.length !== labels.length) {
    throw new DataSetError(`${path} has ${labels.length} labels for ${rows.length} rows.`);
  }
  return { name, before: existsSync(train) ? numbersIn(train) : [], rows, labels, window };
}

function readHalf(folder: string): readonly RankedSeries[] {
  const path = join(folder, manifest);
  return rowsOf(path, '\t').map(([name, labels, , window], at) => {
    if (name === undefined || labels === undefined) {
      throw new DataSetError(`${path}, line ${at + 2}: a name and a labels file are needed.`);
    }
    return readSeries(name, join(folder, labels), numberIn(path, at + 2, window));
  });
}

/** The detector for one number or for many, which learns as it goes and never looks ahead. */
function score({ before, rows }: RankedSeries): RowScores {
  const strength = new Float64Array(rows.length);
  const surprise = new Float64Array(rows.length);
  const one = createOneSeries();
  const many = createManySeries(rows[0]?.length ?? 0);
  const judge = (row: readonly number[]): { strength: number; probability: number } | undefined =>
    row.length === 1 ? judgeValue(one, row[0] ?? Number.NaN) : judgeTogether(many, row);
  for (const row of before) judge(row);
  rows.forEach((row, at) => {
    const judged = judge(row);
    strength[at] = judged?.strength ?? 0;
    surprise[at] = judged === undefined ? 0 : -Math.log10(judged.probability);
  });
  return { strength, surprise };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Means of the published VUS-PR over the series of a half, where the set holds them; best first. */
function publishedMeans(folder: string): readonly (readonly [string, number])[] {
  const path = join(folder, 'published_vus_pr.csv');
  if (!existsSync(path)) return [];
  const [heading, ...rows] = linesOf(path).map((line) => line.split(','));
  const detectors = heading?.slice(2, heading.indexOf('ts_len')) ?? [];
  return detectors
    .map((name, at) => [name, mean(rows.map((row) => Number(row[at + 2])))] as const)
    .sort(([, one], [, other]) => other - one);
}

async function figuresOf(
  folder: string,
  half: Half,
  options: HalfOptions,
): Promise<readonly BenchResult[]> {
  const ofStrength: number[] = [];
  const ofSurprise: number[] = [];
  options.say(`  ${half.name}: VUS-PR by strength, by calibrated probability`);
  for (const series of readHalf(half.folder)) {
    await heed(options.signal);
    const scores = score(series);
    const lines = Array.from(scores.strength, (value) => `${value}\n`);
    writeScores(options.out, `${series.name}.txt`, lines.join(''));
    const byStrength = vusPr(series.labels, scores.strength, series.window);
    const bySurprise = vusPr(series.labels, scores.surprise, series.window);
    ofStrength.push(byStrength);
    ofSurprise.push(bySurprise);
    options.say(`  ${series.name.padEnd(28)} ${byStrength.toFixed(4)}  ${bySurprise.toFixed(4)}`);
  }
  const published = publishedMeans(half.folder);
  const shown = new Set(['PCA', 'Sub-PCA', 'IForest', 'OmniAnomaly', published[0]?.[0]]);
  for (const [name, value] of published.filter(([each]) => shown.has(each))) {
    options.say(`  ${name.padEnd(28)} ${value.toFixed(4)}  (published, sees the whole series)`);
  }
  const ours = mean(ofStrength);
  options.say(`  ${'ours, mean'.padEnd(28)} ${ours.toFixed(4)}  ${mean(ofSurprise).toFixed(4)}`);
  const target = targetOf('detect', `${folder} VUS-PR`);
  return [
    atLeast(`${folder} ${half.name} VUS-PR`, ours, 'mean', target),
    atLeast(`${folder} ${half.name} VUS-PR of the probability`, mean(ofSurprise), 'mean', null),
  ];
}

/** A set of labelled series that is judged by how well the scores rank the rows, by VUS-PR. */
export function rankedSet(folder: string): DetectSet {
  return {
    folder,
    marker: manifest,
    runHalf: (half, options) => figuresOf(folder, half, options),
  };
}
