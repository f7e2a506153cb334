import {
  createCalibration,
  judgeScore,
  packCalibration,
  probabilityOf,
  unpackCalibration,
  type Calibration,
  type PackedCalibration,
} from '../../stats/calibration.ts';
import { clipped, stepOf } from '../../stats/usual.ts';
import {
  createLevelCore,
  judgeLevelOf,
  packLevel,
  seriesClip as clip,
  seriesMemory,
  unpackLevel,
  type JudgeOptions,
  type LevelCore,
  type PackedLevel,
} from './level-core.ts';

/** Values that the local mean and the local unrest look back over. */
export const oneSeriesReach = { mean: 16, unrest: 100 } as const;
/** Values that the strength looks back over. */
const strengthReach = 50;

/** What is kept of one series of numbers; it does not grow. */
export interface OneSeries {
  /** The numbers that change with every value. */
  readonly now: SeriesNow;
  readonly level: LevelCore;
  readonly mean: Calibration;
  readonly unrest: Calibration;
  readonly together: Calibration;
}

interface SeriesNow {
  seen: number;
  last: number;
  localMean: number;
  meanDeviation: number;
  usualStep: number;
  localStep: number;
  strength: number;
}

/** What one value says. */
export interface SeriesScore {
  /** How probable so strange a value is by what the series has done so far: 0 to 1, uniform if quiet. */
  readonly probability: number;
  /** How strange the latest fifty values or so are, for ranking: the mean of -log10 of the views. */
  readonly strength: number;
  /** The same probability by view: the value itself, the local mean, the local unrest. */
  readonly level: number;
  readonly mean: number;
  readonly unrest: number;
  /** Whether `level` is no more than once in all that was seen: no value lay so far out. */
  readonly unprecedented: boolean;
}

/** What is kept of a series beside its level. */
export type SeriesViews = Omit<OneSeries, 'level'>;

/** Nothing seen. */
export function createOneSeries(): OneSeries {
  return { ...createSeriesViews(), level: createLevelCore() };
}

/** Nothing seen, beside the level. */
export function createSeriesViews(): SeriesViews {
  const now: SeriesNow = {
    seen: 0,
    last: 0,
    localMean: 0,
    meanDeviation: 0,
    usualStep: 0,
    localStep: 0,
    strength: 0,
  };
  return {
    now,
    mean: createCalibration(),
    unrest: createCalibration(),
    together: createCalibration(),
  };
}

/** How a value is judged; other reaches than the product's are a bench's. */
export interface OneSeriesOptions extends JudgeOptions {
  readonly reach?: { readonly mean: number; readonly unrest: number };
}

function judged(calibration: Calibration, score: number, learns: boolean, memory: number): number {
  return learns ? judgeScore(calibration, score, memory) : probabilityOf(calibration, score);
}

/**
 * Takes in the next value and says how strange it is: its distance from the usual level, that of the
 * mean of the latest values, and the ratio of their unrest (mean absolute step) to the usual one,
 * each over its usual size. Each becomes a p-value by the series' own history; Fisher's sum of their
 * logarithms (Statistical Methods for Research Workers, 1932) becomes one again by its own history,
 * because the views depend on each other. `least` is a movement that means nothing, in the series'
 * unit. With `learns` false nothing is learned (while a finding is open). A value that is no finite
 * number, or beyond 1e100, is passed over: undefined.
 */
export function judgeValue(
  series: OneSeries,
  value: number,
  options: OneSeriesOptions = {},
): SeriesScore | undefined {
  const level = judgeLevelOf(series.level, value, options);
  if (level === undefined) return undefined;
  const { middle, floor } = level;
  const { learns = true, memory = seriesMemory, reach = oneSeriesReach } = options;
  const { now } = series;
  // The level may have been followed for longer.
  const { seen } = now;
  if (seen === 0) now.last = now.localMean = value;
  const step = Math.abs(value - now.last);
  now.localMean += stepOf(seen, reach.mean) * (value - now.localMean);
  now.localStep += stepOf(seen, reach.unrest) * (step - now.localStep);
  now.last = value;
  const meanDistance = Math.abs(now.localMean - middle);
  const unrest = Math.abs(Math.log((now.localStep + floor) / (now.usualStep + floor)));
  const mean = judged(series.mean, meanDistance / (now.meanDeviation + floor), learns, memory);
  const unrestProbability = judged(series.unrest, unrest, learns, memory);
  // The sum of the logarithms is that of the product, which is never below 1e-30.
  const product = level.probability * mean * unrestProbability;
  now.strength += (-Math.log10(product) / 3 - now.strength) / strengthReach;
  // Back from logarithms, because the tail of a sum of them is exponential and that of this is Pareto's.
  const probability = judged(series.together, 1 / (1000 * Math.cbrt(product)), learns, memory);
  if (learns) {
    const weight = stepOf(seen, memory);
    const distance = clipped(meanDistance, now.meanDeviation + floor, clip, seen);
    now.meanDeviation += weight * (distance - now.meanDeviation);
    now.usualStep += weight * (clipped(step, now.usualStep + floor, clip, seen) - now.usualStep);
    now.seen += 1;
  }
  return {
    probability,
    strength: now.strength,
    level: level.probability,
    mean,
    unrest: unrestProbability,
    unprecedented: level.unprecedented,
  };
}

/** What is kept beside the level, for JSON. */
export interface PackedViews {
  readonly now: Readonly<SeriesNow>;
  readonly mean: PackedCalibration;
  readonly unrest: PackedCalibration;
  readonly together: PackedCalibration;
}

/** A series for JSON. */
export interface PackedSeries extends PackedViews {
  readonly level: PackedLevel;
}

/** What is kept beside the level, for JSON. */
export function packViews({ now, mean, unrest, together }: SeriesViews): PackedViews {
  return {
    now: { ...now },
    mean: packCalibration(mean),
    unrest: packCalibration(unrest),
    together: packCalibration(together),
  };
}

/** What `packViews` gave, read back. */
export function unpackViews({ now, mean, unrest, together }: PackedViews): SeriesViews {
  return {
    now: { ...now },
    mean: unpackCalibration(mean),
    unrest: unpackCalibration(unrest),
    together: unpackCalibration(together),
  };
}

/** What is kept, for JSON. */
export function packSeries(series: OneSeries): PackedSeries {
  return { ...packViews(series), level: packLevel(series.level) };
}

/** What `packSeries` gave, read back. */
export function unpackSeries(packed: PackedSeries): OneSeries {
  return { ...unpackViews(packed), level: unpackLevel(packed.level) };
}
