import type { Moment } from '../../model/time.ts';
import { judgeScore, probabilityOf } from '../../stats/calibration.ts';
import { exceedance, type LogHistogram } from '../../stats/log-histogram.ts';
import type { LearnedBaseline } from '../learned.ts';
import type { LevelShift } from '../level-shift.ts';
import {
  floorOfBlocks,
  leastCores,
  leastLearned,
  longBlocks,
  minuteBlocks,
  type RestlessCpu,
} from '../restless-cpu.ts';
import { series, seriesNames } from '../series.ts';
import { judgeLevelOf, seriesMemory } from '../series/level-core.ts';
import { judgeTogether } from '../series/many-series.ts';
import { judgeValue, type SeriesScore } from '../series/one-series.ts';
import type { CallMix } from '../syscalls/call-mix.ts';
import type { TogetherCore } from './together-core.ts';

/** What is seen of a container by different means. */
export const senses = ['resources', 'system calls', 'egress'] as const;

/**
 * All that a probability is formed of every five seconds: each resource series by its three views, the
 * least CPU of a minute and of five, all series together, the rate and the mix of outward system calls, and
 * the destinations of a look.
 */
export const channels = [
  ...seriesNames,
  'minute floor',
  'long floor',
  'all series',
  'call rate',
  'call mix',
  'places',
] as const;

export type Channel = (typeof channels)[number];

/** The place of a channel by its name. */
export const placeOf = Object.fromEntries(
  channels.map((channel, place) => [channel, place]),
) as Readonly<Record<Channel, number>>;

/** Of each sense the places of its channels: from the first to before the second. */
export const placesOf: Readonly<Record<(typeof senses)[number], readonly [number, number]>> = {
  resources: [0, placeOf['call rate']],
  'system calls': [placeOf['call rate'], placeOf.places],
  egress: [placeOf.places, channels.length],
};

/** By what the channels are judged. */
export interface ChannelInput {
  readonly levels: readonly LevelShift[];
  readonly restless: RestlessCpu;
  readonly mix: CallMix;
  /** Outward system calls a second of these five; undefined where none are seen. */
  readonly rate: number | undefined;
  readonly baseline: LearnedBaseline;
  readonly at: Moment;
  readonly learns: boolean;
}

/** What the channels say. */
export interface Judged {
  /** How probable it is by the channel's own history, by place; undefined where it was not seen. */
  readonly probabilities: readonly (number | undefined)[];
  /** Which channel lies farthest where all are looked at together. */
  readonly farthest: Channel;
  /** What was said of the rate of system calls. */
  readonly rate: SeriesScore | undefined;
}

/** A minute of the mix is looked at until the next one should have come. */
const mixMs = 12_000;

/** System calls a second below which differences mean nothing. */
const leastRate = 10;

/**
 * Asks every channel what the latest five seconds say, and lets it learn them where that is wanted.
 * `destinations` are those of a look at the egress; undefined where there was none.
 */
export function judgeChannels(
  core: TogetherCore,
  input: ChannelInput,
  destinations: number | undefined,
): Judged {
  const { levels, restless, baseline, learns } = input;
  const row: number[] = [];
  const found: (number | undefined)[] = [];
  for (const { series: name, latest, one } of levels) {
    found.push(latest?.probability);
    const mean = Math.max(0, one.now.last);
    row.push(latest === undefined ? 0 : Math.log(mean + series[name].floor));
  }
  row.push(input.rate === undefined ? 0 : Math.log(input.rate + leastRate));
  const all = judgeTogether(core.many, row, { learns });
  const { weight } = baseline;
  found.push(
    floorProbability(restless, minuteBlocks, baseline.restless, weight),
    floorProbability(restless, longBlocks, baseline.restlessLong, weight),
    all?.probability,
  );
  const rate =
    input.rate === undefined
      ? undefined
      : judgeValue(core.rate, input.rate, { least: leastRate, learns });
  const places =
    destinations === undefined
      ? undefined
      : judgeLevelOf(core.places, destinations, { least: 1, learns });
  found.push(rate?.probability, mixProbability(core, input), places?.probability);
  return {
    probabilities: found,
    farthest: seriesNames[all?.culprit ?? 0] ?? 'call rate',
    rate,
  };
}

function floorProbability(
  { blocks }: RestlessCpu,
  count: number,
  learned: LogHistogram,
  weight: number,
): number | undefined {
  if (blocks.length < count || learned.total < leastLearned * weight) return undefined;
  const floor = floorOfBlocks(blocks, count);
  return floor < leastCores ? 1 : exceedance(learned, floor, weight);
}

/** A mix that programs explain which are new says nothing, and is not learned here either. */
function mixProbability(core: TogetherCore, { mix, at, learns }: ChannelInput): number | undefined {
  const minute = mix.waiting.at(-1);
  if (minute?.distance === undefined || Math.abs(at - minute.at) > mixMs) return undefined;
  if (minute.isExplained) return 1;
  // A new one comes every ten seconds, and so teaches twice.
  return learns
    ? judgeScore(core.mix, minute.distance, seriesMemory)
    : probabilityOf(core.mix, minute.distance);
}
