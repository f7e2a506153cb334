import { floorOfBlocks, longBlocks, minuteBlocks, type RestlessCpu } from '../restless-cpu.ts';
import type { LevelShift } from '../level-shift.ts';
import type { OneSeries, SeriesScore } from '../series/one-series.ts';
import { channels, type Channel } from './channels.ts';
import type { TogetherCore } from './together-core.ts';

/** What a channel showed at one moment, and what is usual there, in its own unit. */
export interface Sighting {
  /** The view by which it was strangest: the value, its mean over a minute and more, its steps. */
  readonly by: 'level' | 'mean' | 'unrest';
  readonly value: number;
  readonly usual: number;
}

/**
 * What a channel showed when it brought most, and how much that counts by now, in nats. In a row, since
 * every container keeps one for each of its channels, and names of members would take most of it.
 */
export type Strangest = [
  by: Sighting['by'],
  value: Sighting['value'],
  usual: Sighting['usual'],
  gain: number,
];

/** From what the channels were judged. */
export interface Seen {
  readonly levels: readonly LevelShift[];
  readonly restless: RestlessCpu;
  readonly core: TogetherCore;
  /** What was said of the rate of system calls. */
  readonly rate: SeriesScore | undefined;
  readonly destinations: number | undefined;
}

/** Keeps what the channel shows where it brings more than ever. */
export function noteStrangest(
  strangest: (Strangest | undefined)[],
  place: number,
  gain: number,
  seen: Seen,
): void {
  const channel = channels[place];
  const most = strangest[place];
  if (channel === undefined || (most !== undefined && most[3] >= gain)) return;
  const now = sightingOf(channel, seen);
  if (now !== undefined) strangest[place] = [now.by, now.value, now.usual, gain];
}

/** Lets what was noted count for less. */
export function fadeStrangest(most: Strangest | undefined, kept: number): void {
  if (most !== undefined) most[3] *= kept;
}

/** What was noted of a channel, if anything. */
export function notedSighting(most: Strangest | undefined): Sighting | undefined {
  if (most === undefined) return undefined;
  const [by, value, usual] = most;
  return { by, value, usual };
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
