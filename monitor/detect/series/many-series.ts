import {
  createCalibration,
  judgeScore,
  packCalibration,
  probabilityOf,
  unpackCalibration,
  type Calibration,
  type PackedCalibration,
} from '../../stats/calibration.ts';
import { clipped, isUsable, stepOf } from '../../stats/usual.ts';

/** As for one series: at one a second, what was learned fades to a third in five hours and a half. */
const memory = 20_000;
/** How many usual sizes one value may teach about the level, and one score about the usual score. */
const clip = 4;
/** A channel counts for at most this many usual sizes. */
const largest = 30;
/** Movement below this share of a channel's range is alike. */
const floorShare = 0.01;
/** Values that a view's score looks back over. */
const scoreReach = 10;
/** A score's deviation below this share of its mean is alike. */
const leastDeviation = 0.05;

/** Several numbers observed together, always in the same order; what is kept of them does not grow. */
export interface ManySeries {
  seen: number;
  readonly channels: readonly Channel[];
  readonly views: readonly View[];
  readonly together: Calibration;
}

interface Channel {
  low: number;
  high: number;
  middle: number;
  last: number;
  /** The mean of the latest two values or so. */
  recent: number;
  /** The mean squares of the distance from the middle, from the recent mean, and of the step. */
  readonly squares: [number, number, number];
}

/** One way to look at all channels: by level, by distance from the recent mean, by step. */
interface View {
  score: number;
  mean: number;
  variance: number;
}

/** What one moment says about all channels together. */
export interface ManyScore {
  /** How probable so strange a moment is by what was seen so far: 0 to 1, uniform if quiet. */
  readonly probability: number;
  /** The same for ranking: how many deviations the views lie above their usual scores, summed. */
  readonly strength: number;
  /** The channel that lies farthest from its usual level or step, by place. */
  readonly culprit: number;
}

/** Nothing seen, for so many channels. */
export function createManySeries(channels: number): ManySeries {
  return {
    seen: 0,
    channels: Array.from({ length: channels }, () => ({
      low: 0,
      high: 0,
      middle: 0,
      last: 0,
      recent: 0,
      squares: [0, 0, 0],
    })),
    views: Array.from({ length: 3 }, () => ({ score: 0, mean: 0, variance: 0 })),
    together: createCalibration(),
  };
}

/** The distances of one value in the three views over their usual sizes, squared; and learns it. */
function judgeChannel(
  channel: Channel,
  value: number,
  seen: number,
  learns: boolean,
  squares: [number, number, number],
): void {
  if (seen === 0) {
    for (const name of ['low', 'high', 'middle', 'last', 'recent'] as const) channel[name] = value;
  }
  const { middle, squares: usual } = channel;
  channel.low = Math.min(value, channel.low + (middle - channel.low) / memory);
  channel.high = Math.max(value, channel.high + (middle - channel.high) / memory);
  const floor = floorShare * (channel.high - channel.low) + 1e-9 * Math.abs(middle) + 1e-12;
  const weight = stepOf(seen, memory);
  const fromMiddle = value - middle;
  const size = Math.sqrt(usual[0]) + floor;
  squares[0] = squareOf(fromMiddle, size);
  const fromRecent = value - channel.recent;
  squares[1] = squareOf(fromRecent, Math.sqrt(usual[1]) + floor);
  const step = value - channel.last;
  squares[2] = squareOf(step, Math.sqrt(usual[2]) + floor);
  if (learns) {
    // The level must not be taught by what lasts; steps do not last.
    const taught = clipped(fromMiddle, size, clip, seen);
    channel.middle += weight * taught;
    usual[0] += weight * (taught * taught - usual[0]);
    usual[1] += weight * (fromRecent * fromRecent - usual[1]);
    usual[2] += weight * (step * step - usual[2]);
  }
  channel.recent += (value - channel.recent) / 2;
  channel.last = value;
}

function squareOf(distance: number, size: number): number {
  const sizes = Math.min(largest, Math.abs(distance) / size);
  return sizes * sizes;
}

/** How many deviations a view lies above its own mean, zero below it; and learns it. */
function standing(view: View, seen: number, learns: boolean): number {
  const deviation = Math.sqrt(view.variance);
  const distance = view.score - view.mean;
  if (learns) {
    // Upwards only: a quiet moment is never clipped, nor the first that is unlike all before it.
    const most = deviation === 0 ? distance : clipped(distance, deviation, clip, seen);
    const taught = Math.min(distance, most);
    const weight = stepOf(seen, memory);
    view.mean += weight * taught;
    view.variance += weight * (taught * taught - view.variance);
  }
  if (deviation === 0) return 0;
  return Math.max(0, distance / (deviation + leastDeviation * Math.abs(view.mean)));
}

/**
 * Takes in one value of every channel and says how strange they are together. In each of three views
 * (distance from the usual level, from the mean of the latest two values, from the last value) every
 * channel's distance is divided by its usual size; the root mean square over the channels, smoothed
 * over about ten moments, is the view's score, and its distance above its own usual score in
 * deviations (a Shewhart/EWMA chart for each view: Roberts, Technometrics 1, 1959) adds to the
 * strength. The strength becomes a p-value by its own history. With `learns` false nothing is
 * learned. Undefined when a value is missing, no finite number, or beyond 1e100.
 */
export function judgeTogether(
  many: ManySeries,
  values: ArrayLike<number>,
  { learns = true }: { readonly learns?: boolean } = {},
): ManyScore | undefined {
  const { channels, views, seen } = many;
  for (let at = 0; at < channels.length; at += 1) {
    if (!isUsable(values[at] ?? Number.NaN)) return undefined;
  }
  const sums: [number, number, number] = [0, 0, 0];
  const squares: [number, number, number] = [0, 0, 0];
  let culprit = 0;
  let farthest = -1;
  for (let at = 0; at < channels.length; at += 1) {
    const channel = channels[at];
    if (channel === undefined) continue;
    judgeChannel(channel, values[at] ?? 0, seen, learns, squares);
    const own = Math.max(squares[0], squares[1], squares[2]);
    if (own > farthest) {
      farthest = own;
      culprit = at;
    }
    sums[0] += squares[0];
    sums[1] += squares[1];
    sums[2] += squares[2];
  }
  let strength = 0;
  views.forEach((view, at) => {
    const score = Math.sqrt((sums[at] ?? 0) / Math.max(1, channels.length));
    view.score += (score - view.score) / scoreReach;
    strength += standing(view, seen, learns);
  });
  // The strength's tail is about exponential; calibrations go on with a Pareto tail, its exponential.
  const score = Math.exp(strength / 3) / 1000;
  const probability = learns
    ? judgeScore(many.together, score, memory)
    : probabilityOf(many.together, score);
  if (learns) many.seen += 1;
  return { probability, strength, culprit };
}

/** Several series for JSON. */
export interface PackedManySeries extends Omit<ManySeries, 'together'> {
  readonly together: PackedCalibration;
}

/** What is kept, for JSON. */
export function packManySeries({ seen, channels, views, together }: ManySeries): PackedManySeries {
  return copied({ seen, channels, views, together: packCalibration(together) });
}

/** What `packManySeries` gave, read back. */
export function unpackManySeries(packed: PackedManySeries): ManySeries {
  const { seen, channels, views, together } = copied(packed);
  return { seen, channels, views, together: unpackCalibration(together) };
}

function copied(packed: PackedManySeries): PackedManySeries {
  return {
    seen: packed.seen,
    channels: packed.channels.map((channel) => ({ ...channel, squares: [...channel.squares] })),
    views: packed.views.map((view) => ({ ...view })),
    together: packed.together,
  };
}
