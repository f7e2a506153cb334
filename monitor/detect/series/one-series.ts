import {
  createCalibration,
  learnScore,
  packCalibration,
  probabilityOf,
  scoresIn,
  unpackCalibration,
  type Calibration,
  type PackedCalibration,
} from '../../stats/calibration.ts';
import { clipped, followUsual, isUsable, stepOf } from '../../stats/usual.ts';

/** After how many values what was learned has faded to a third: at one a second, five hours and a half. */
const memory = 20_000;
/** Values that the local mean and the local unrest look back over. */
const meanReach = 16;
const unrestReach = 100;
/** Values that the strength looks back over. */
const strengthReach = 50;
/** How many usual deviations one value may teach. */
const clip = 6;
/** Movement below this share of the range seen is alike. */
const floorShare = 0.02;

/** What is kept of one series of numbers; it does not grow. */
export interface OneSeries {
  /** The numbers that change with every value. */
  readonly now: SeriesNow;
  readonly level: Calibration;
  readonly mean: Calibration;
  readonly unrest: Calibration;
  readonly together: Calibration;
}

interface SeriesNow {
  seen: number;
  last: number;
  low: number;
  high: number;
  middle: number;
  deviation: number;
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

/** Nothing seen. */
export function createOneSeries(): OneSeries {
  const now: SeriesNow = {
    seen: 0,
    last: 0,
    low: 0,
    high: 0,
    middle: 0,
    deviation: 0,
    localMean: 0,
    meanDeviation: 0,
    usualStep: 0,
    localStep: 0,
    strength: 0,
  };
  return {
    now,
    level: createCalibration(),
    mean: createCalibration(),
    unrest: createCalibration(),
    together: createCalibration(),
  };
}

function judged(calibration: Calibration, score: number, learns: boolean): number {
  const probability = probabilityOf(calibration, score);
  if (learns) learnScore(calibration, score, memory);
  return probability;
}

/** The range seen, drawn together slowly, so that one huge value does not blind for ever. */
function followRange(now: SeriesNow, value: number): void {
  const step = 1 / memory;
  now.low = Math.min(value, now.low + step * (now.middle - now.low));
  now.high = Math.max(value, now.high + step * (now.middle - now.high));
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
  { least = 0, learns = true }: { readonly least?: number; readonly learns?: boolean } = {},
): SeriesScore | undefined {
  if (!isUsable(value)) return undefined;
  const { now } = series;
  if (now.seen === 0) {
    for (const name of ['last', 'low', 'high', 'middle', 'localMean'] as const) now[name] = value;
  }
  followRange(now, value);
  const floor =
    floorShare * (now.high - now.low) + least + 1e-9 * Math.abs(now.middle) + Number.MIN_VALUE;
  const distance = Math.abs(value - now.middle);
  const step = Math.abs(value - now.last);
  now.localMean += stepOf(now.seen, meanReach) * (value - now.localMean);
  now.localStep += stepOf(now.seen, unrestReach) * (step - now.localStep);
  now.last = value;
  const meanDistance = Math.abs(now.localMean - now.middle);
  const unrest = Math.abs(Math.log((now.localStep + floor) / (now.usualStep + floor)));
  const once = 1 / (scoresIn(series.level) + 1);
  const level = judged(series.level, distance / (now.deviation + floor), learns);
  const mean = judged(series.mean, meanDistance / (now.meanDeviation + floor), learns);
  const unrestProbability = judged(series.unrest, unrest, learns);
  const sum = -Math.log10(level) - Math.log10(mean) - Math.log10(unrestProbability);
  now.strength += (sum / 3 - now.strength) / strengthReach;
  // Back from logarithms, because the tail of a sum of them is exponential and that of this is Pareto's.
  const probability = judged(series.together, 10 ** (sum / 3) / 1000, learns);
  if (learns) {
    const weight = stepOf(now.seen, memory);
    const reach = clipped(meanDistance, now.meanDeviation + floor, clip, now.seen);
    now.meanDeviation += weight * (reach - now.meanDeviation);
    now.usualStep +=
      weight * (clipped(step, now.usualStep + floor, clip, now.seen) - now.usualStep);
    followUsual(now, value, weight, { floor, clip, seen: now.seen });
    now.seen += 1;
  }
  return {
    probability,
    strength: now.strength,
    level,
    mean,
    unrest: unrestProbability,
    // Rounding apart.
    unprecedented: level <= once * (1 + 1e-9),
  };
}

/** A series for JSON. */
export interface PackedSeries {
  readonly now: Readonly<SeriesNow>;
  readonly level: PackedCalibration;
  readonly mean: PackedCalibration;
  readonly unrest: PackedCalibration;
  readonly together: PackedCalibration;
}

/** What is kept, for JSON. */
export function packSeries({ now, level, mean, unrest, together }: OneSeries): PackedSeries {
  return {
    now: { ...now },
    level: packCalibration(level),
    mean: packCalibration(mean),
    unrest: packCalibration(unrest),
    together: packCalibration(together),
  };
}

/** What `packSeries` gave, read back. */
export function unpackSeries({ now, level, mean, unrest, together }: PackedSeries): OneSeries {
  return {
    now: { ...now },
    level: unpackCalibration(level),
    mean: unpackCalibration(mean),
    unrest: unpackCalibration(unrest),
    together: unpackCalibration(together),
  };
}
