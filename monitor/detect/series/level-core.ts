import {
  createCalibration,
  judgeScore,
  packCalibration,
  probabilityOf,
  scoresIn,
  unpackCalibration,
  type Calibration,
  type PackedCalibration,
} from '../../stats/calibration.ts';
import { followUsual, isUsable, stepOf } from '../../stats/usual.ts';

/** After how many values what was learned has faded to a third: at one a second, five hours and a half. */
export const seriesMemory = 20_000;
/** How many usual deviations one value may teach. */
export const seriesClip = 6;
/** Movement below this share of the range seen is alike. */
const floorShare = 0.02;

/** What is kept of the level of one series of numbers; it does not grow. */
export interface LevelCore {
  readonly now: LevelNow;
  readonly scores: Calibration;
}

interface LevelNow {
  seen: number;
  low: number;
  high: number;
  middle: number;
  deviation: number;
}

/** What one value says about the level, and what it was held against. */
export interface LevelScore {
  /** How probable so distant a value is by what the series has done so far: 0 to 1, uniform if quiet. */
  readonly probability: number;
  /** Whether that is no more than once in all that was seen: no value lay so far out. */
  readonly unprecedented: boolean;
  /** Values seen, the usual level, and the least movement that means anything, before this value. */
  readonly seen: number;
  readonly middle: number;
  readonly floor: number;
}

/** How a value is judged: see `judgeLevelOf`. */
export interface JudgeOptions {
  readonly least?: number;
  readonly learns?: boolean;
  /** After how many values what was learned has faded to a third; `seriesMemory` unless a bench says otherwise. */
  readonly memory?: number;
}

/** Nothing seen. */
export function createLevelCore(): LevelCore {
  return {
    now: { seen: 0, low: 0, high: 0, middle: 0, deviation: 0 },
    scores: createCalibration(),
  };
}

/** The range seen, drawn together slowly, so that one huge value does not blind for ever. */
function followRange(now: LevelNow, value: number, memory: number): void {
  const step = 1 / memory;
  now.low = Math.min(value, now.low + step * (now.middle - now.low));
  now.high = Math.max(value, now.high + step * (now.middle - now.high));
}

/**
 * Takes in the next value and says how strange its distance from the usual level is, over the usual
 * distance, by the series' own history. `least` is a movement that means nothing, in the series' unit.
 * With `learns` false nothing is learned (while a finding is open). A value that is no finite number, or
 * beyond 1e100, is passed over: undefined.
 */
export function judgeLevelOf(
  core: LevelCore,
  value: number,
  { least = 0, learns = true, memory = seriesMemory }: JudgeOptions = {},
): LevelScore | undefined {
  if (!isUsable(value)) return undefined;
  const { now, scores } = core;
  if (now.seen === 0) for (const name of ['low', 'high', 'middle'] as const) now[name] = value;
  if (learns) followRange(now, value, memory);
  const { seen, middle } = now;
  const floor =
    floorShare * (now.high - now.low) + least + 1e-9 * Math.abs(middle) + Number.MIN_VALUE;
  const once = 1 / (scoresIn(scores) + 1);
  const score = Math.abs(value - middle) / (now.deviation + floor);
  const probability = learns ? judgeScore(scores, score, memory) : probabilityOf(scores, score);
  if (learns) {
    followUsual(now, value, stepOf(seen, memory), { floor, clip: seriesClip, seen });
    now.seen += 1;
  }
  // Rounding apart.
  return { probability, unprecedented: probability <= once * (1 + 1e-9), seen, middle, floor };
}

/** A core for JSON. */
export interface PackedLevel {
  readonly now: Readonly<LevelNow>;
  readonly scores: PackedCalibration;
}

/** What is kept, for JSON. */
export function packLevel({ now, scores }: LevelCore): PackedLevel {
  return { now: { ...now }, scores: packCalibration(scores) };
}

/** What `packLevel` gave, read back. */
export function unpackLevel({ now, scores }: PackedLevel): LevelCore {
  return { now: { ...now }, scores: unpackCalibration(scores) };
}
