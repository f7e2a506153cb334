import type { ResourceObservation } from '../model/observation.ts';
import { allSeries, toSteps } from './sample-series.ts';
import type { SeriesName } from './sample-series.ts';

/** How many series a cell has. */
export const width = allSeries.length;

/**
 * All series of one workload over one second, minute or hour, in whole steps: for each series how
 * many values there were, their sum and the largest of them. All whole numbers below 2^53, so that
 * combining is exact, in any order.
 */
export interface Cell {
  readonly counts: number[];
  readonly sums: number[];
  readonly maxima: number[];
}

/** One series over one span. */
export interface SeriesSummary {
  /** In the unit of the observation's member of the same name. Every value weighs the same. */
  readonly mean: number;
  readonly max: number;
  /** How many observations had a value. */
  readonly count: number;
}

/** What is known of a span; series without a value are left out. */
export type Summaries = Partial<Readonly<Record<SeriesName, SeriesSummary>>>;

const zeros: readonly number[] = allSeries.map(() => 0);

/** A cell of nothing: combining with it changes nothing. */
export function emptyCell(): Cell {
  return { counts: zeros.slice(), sums: zeros.slice(), maxima: zeros.slice() };
}

/** Makes it a cell of nothing again. */
export function clearCell(cell: Cell): void {
  for (let index = 0; index < width; index += 1) {
    cell.counts[index] = 0;
    cell.sums[index] = 0;
    cell.maxima[index] = 0;
  }
}

/** Takes one observation into `cell`. */
export function observeInto(cell: Cell, observation: ResourceObservation): void {
  for (let index = 0; index < width; index += 1) {
    const series = allSeries[index];
    if (series === undefined) continue;
    const value = toSteps(series.read(observation), series.stepsPerUnit);
    if (value >= 0) take(cell, index, 1, value, value);
  }
}

/** Takes `more` into `cell`. */
export function combineInto(cell: Cell, more: Cell): void {
  for (let index = 0; index < width; index += 1) {
    take(cell, index, more.counts[index] ?? 0, more.sums[index] ?? 0, more.maxima[index] ?? 0);
  }
}

/** Values are never below zero, so 0 can stand for the maximum of none. */
function take(cell: Cell, index: number, count: number, sum: number, maximum: number): void {
  cell.counts[index] = (cell.counts[index] ?? 0) + count;
  cell.sums[index] = (cell.sums[index] ?? 0) + sum;
  if (maximum > (cell.maxima[index] ?? 0)) cell.maxima[index] = maximum;
}

/** How many values the fullest series has. */
export function fullest(cell: Cell): number {
  let most = 0;
  for (let index = 0; index < width; index += 1) most = Math.max(most, cell.counts[index] ?? 0);
  return most;
}

/** Means, maxima and counts in the units of the observations. */
export function summarise(cell: Cell): Summaries {
  const summaries: Partial<Record<SeriesName, SeriesSummary>> = {};
  for (const [index, { name, stepsPerUnit }] of allSeries.entries()) {
    const count = cell.counts[index] ?? 0;
    if (count === 0) continue;
    summaries[name] = {
      mean: (cell.sums[index] ?? 0) / count / stepsPerUnit,
      max: (cell.maxima[index] ?? 0) / stepsPerUnit,
      count,
    };
  }
  return summaries;
}
