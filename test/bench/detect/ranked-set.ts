import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { createManySeries, judgeTogether } from '../../../monitor/detect/series/many-series.ts';
import { createOneSeries, judgeValue } from '../../../monitor/detect/series/one-series.ts';
import { atLeast, targetOf, type BenchResult } from '../result.ts';
import { DataSetError } from './data-set-error.ts';
import {
  heed,
  seriesNotLive,
  writeScores,
  type DetectSet,
  type HalfOptions,
} from './detect-set.ts';
import type { Half } from './halves.ts';
import { linesOf, numberIn, numbersIn, rowsOf } from './number-table.ts';
import { windowOf } from './usual-window.ts';
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

/** The file beside another, packed or plain; undefined where there is none. */
function besides(path: string, name: string): string | undefined {
  const plain = join(dirname(path), name);
  return [`${plain}.gz`, plain].find((each) => existsSync(each));
}

/**
 * A series by the path of its labels: a file of labels alone, with the metrics in the table `test.csv`
 * and what came before them in `train.csv` beside it, or a table of values whose last column has them.
 */
function readSeries(name: string, path: string, window: number): RankedSeries {
  const table = numbersIn(path);
  const last = table.map((row) => row.at(-1) ?? 0);
  const labels = labelsOf(path, last);
  if ((table[0]?.length ?? 0) > 1 && !basename(path).startsWith('test_label.')) {
    return { name, before: [], rows: table.map((row) => row.slice(0, -1)), labels, window };
  }
  const metrics = besides(path, 'test.csv');
  if (metrics === undefined) {
    throw new DataSetError(`${path} holds labels alone, and no test.csv.gz lies beside it.`);
  }
  const rows = numbersIn(metrics);
  if (rows.length !== labels.length) {
    throw new DataSetError(`${path} has ${labels.length} labels for ${rows.length} rows.`);
  }
  const train = besides(path, 'train.csv');
  const before = train === undefined ? [] : numbersIn(train);
  const [width, widthBefore = width] = [rows[0]?.length, before[0]?.length];
  if (width !== widthBefore) {
    throw new DataSetError(`${train ?? ''} has ${widthBefore} columns, ${metrics} has ${width}.`);
  }
  return { name, before, rows, labels, window };
}

/** The public evaluator's, where a manifest names neither a window nor a series to take it from. */
const usualWindow = 100;

/** The longest window of a line of the manifest: as it says, or as the public evaluator finds it. */
function windowIn(path: string, line: number, cell: string, series: string): number {
  if (cell !== '') {
    const window = numberIn(path, line, cell);
    if (Number.isInteger(window) && window >= 0) return window;
    throw new DataSetError(`${path}, line ${line}: "${cell}" is no window.`);
  }
  if (series === '') return usualWindow;
  return windowOf(numbersIn(join(dirname(path), series)).map((row) => row.at(-1) ?? 0));
}

function readHalf(folder: string): readonly RankedSeries[] {
  const path = join(folder, manifest);
  const columns = (linesOf(path)[0] ?? '').split('\t').map((column) => column.trim());
  return rowsOf(path, '\t').map((cells, at) => {
    const line = at + 2;
    const cellOf = (column: string): string => cells[columns.indexOf(column)]?.trim() ?? '';
    const [name, labels] = [cellOf('name'), cellOf('labels')];
    if (name === '' || labels === '') {
      throw new DataSetError(`${path}, line ${line}: a name and a labels file are needed.`);
    }
    const window = windowIn(path, line, cellOf('window'), cellOf('series'));
    return readSeries(name, join(folder, labels), window);
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
    notLive: seriesNotLive,
    runHalf: (half, options) => figuresOf(folder, half, options),
  };
}
