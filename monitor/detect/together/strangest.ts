import { floorOfBlocks, longBlocks, minuteBlocks, type RestlessCpu } from '../restless-cpu.ts';
import type { LevelShift } from '../level-shift.ts';
import type { OneSeries, SeriesScore } from '../series/one-series.ts';
import { channels, type Channel } from './channels.ts';
import type { TogetherCore } from './together-core.ts';

const views = ['level', 'mean', 'unrest'] as const;

/** What a channel showed at one moment, and what is usual there, in its own unit. */
export interface Sighting {
  /** The view by which it was strangest: the value, its mean over a minute and more, its steps. */
  readonly by: (typeof views)[number];
  readonly value: number;
  readonly usual: number;
}

/**
 * What each channel showed when it brought most, in the order of `channels`. In rows of short numbers,
 * since every container has them: they are for people to read, who are told three digits.
 */
export interface Strangest {
  /** How much it counts by now, in nats; 0 where nothing was noted. */
  readonly gains: Float32Array;
  readonly values: Float32Array;
  readonly usuals: Float32Array;
  /** Places in `views`. */
  readonly by: Uint8Array;
}

/** Nothing noted. */
export function createStrangest(): Strangest {
  const row = (): Float32Array => new Float32Array(channels.length);
  return { gains: row(), values: row(), usuals: row(), by: new Uint8Array(channels.length) };
}

/** From what the channels were judged. */
export interface Seen {
  readonly levels: readonly LevelShift[];
  readonly restless: RestlessCpu;
  readonly core: TogetherCore;
  /** What was said of the rate of system calls. */
  readonly rate: SeriesScore | undefined;
  readonly destinations: number | undefined;
}

/** Keeps what the channel at `place` shows where it brings more than ever. */
export function noteStrangest(
  { gains, values, usuals, by }: Strangest,
  place: number,
  gain: number,
  seen: Seen,
): void {
  const channel = channels[place];
  if (channel === undefined || (gains[place] ?? 0) >= gain) return;
  const now = sightingOf(channel, seen);
  if (now === undefined) return;
  gains[place] = gain;
  values[place] = now.value;
  usuals[place] = now.usual;
  by[place] = views.indexOf(now.by);
}

/** Lets what was noted of a channel count for less. */
export function fadeStrangest({ gains }: Strangest, place: number, kept: number): void {
  gains[place] = (gains[place] ?? 0) * kept;
}

/** Forgets what was noted. */
export function forgetStrangest({ gains }: Strangest): void {
  gains.fill(0);
}

/** What was noted of a channel, if anything. */
export function notedSighting(
  { gains, values, usuals, by }: Strangest,
  place: number,
): Sighting | undefined {
  const view = views[by[place] ?? 0];
  if (view === undefined || (gains[place] ?? 0) === 0) return undefined;
  return { by: view, value: values[place] ?? 0, usual: usuals[place] ?? 0 };
}

/** What a channel shows now; undefined where it has no number of its own. */
function sightingOf(channel: Channel, seen: Seen): Sighting | undefined {
  switch (channel) {
    case 'cpu':
    case 'memory':
    case 'processes':
    case 'sent':
    case 'received':
    case 'block': {
      const level = seen.levels.find(({ series }) => series === channel);
      return level === undefined ? undefined : sightingIn(level.one, level.latest);
    }
    case 'minute floor':
    case 'long floor': {
      const count = channel === 'long floor' ? longBlocks : minuteBlocks;
      return { by: 'level', value: floorOfBlocks(seen.restless.blocks, count), usual: 0 };
    }
    case 'call rate':
      return sightingIn(seen.core.rate, seen.rate);
    case 'places': {
      const { destinations: value } = seen;
      const usual = seen.core.places.now.middle;
      return value === undefined ? undefined : { by: 'level', value, usual };
    }
    case 'call mix':
    case 'all series':
      return undefined;
  }
}

function sightingIn({ now, level }: OneSeries, score: SeriesScore | undefined): Sighting {
  const [byLevel, byMean, byUnrest] = [score?.level ?? 1, score?.mean ?? 1, score?.unrest ?? 1];
  if (byUnrest < Math.min(byLevel, byMean)) {
    return { by: 'unrest', value: now.localStep, usual: now.usualStep };
  }
  const usual = level.now.middle;
  return byMean < byLevel
    ? { by: 'mean', value: now.localMean, usual }
    : { by: 'level', value: now.last, usual };
}
