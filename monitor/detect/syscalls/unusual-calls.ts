import type { Milliseconds, Moment } from '../../model/time.ts';
import {
  createCallEpisode,
  excessOf,
  followEpisode,
  noteNews,
  tellEpisode,
  type CallEpisode,
  type UnusualCalls,
} from './call-episode.ts';
import { classOfCall } from './call-class.ts';
import {
  addToWindow,
  clearWindow,
  createCallWindow,
  latestTallies,
  levelOf,
  type CallCounts,
  type CallWindow,
} from './call-window.ts';
import { learnLevel, topOf, type LearnedCalls } from './learned-calls.ts';

/** A level that a person was told of. */
interface ToldLevel {
  level: number;
  /** When it was last above what is learned. */
  reachedAt: Moment;
}

/** What the detector keeps about one container. The step updates it in place. */
export interface CallWatch {
  readonly window: CallWindow;
  readonly told: Map<string, ToldLevel>;
  episode: CallEpisode | undefined;
}

/** How calls are taken in. */
export interface CallStep {
  /** Whether the workload is new: what it does is learned and not judged. */
  readonly learning: boolean;
  /** Whether anything may be learned; false while something is found wrong with the container. */
  readonly learns?: boolean;
  readonly bar?: number;
}

/** A fifth more than ever: beyond 1.2 times (most before + 1). From 4 calls a second to 6, or 0 to 1. */
export const leastExcess = Math.log(1.2);

/** An episode ends when nothing new has come for this long. */
const episodeMs: Milliseconds = 10_000;

/** What was told of is not told again until it has been away for this long. */
const toldMs: Milliseconds = 10 * 60_000;

/** An interval longer than this says nothing about seconds, and is left out. */
const longestStepMs: Milliseconds = 60_000;

/** Levels held in mind at most. */
const mostTold = 512;

/** A container seen for the first time. */
export function createCallWatch(): CallWatch {
  return {
    window: createCallWindow(),
    told: new Map(),
    episode: undefined,
  };
}

/** Nothing was seen for a while, or the container stood still: begins anew, what was told stays. */
export function breakCalls(watch: CallWatch): void {
  clearWindow(watch.window);
  watch.episode = undefined;
}

/**
 * Takes the calls of one interval. While `learning`, they are learned; afterwards a call that is not
 * internal and comes more than a fifth above the most ever made within a second is news. Smaller
 * rises are learned at once; what was news is held apart from what is learned, so that an attack does
 * not teach. With `learns` false nothing at all is learned. Undefined while nothing is unusual. Works on intervals from 100 ms to a few seconds.
 *
 * The excess is ln((x + 1) / (m + 1)). Were the seconds exchangeable, a new maximum would come with
 * probability 1 / (n + 1) after n of them (Rényi's records), whatever the distribution; so the bar
 * needs no scale and alarms grow rarer as the workload is known longer.
 */
export function judgeCalls(
  watch: CallWatch,
  learned: LearnedCalls,
  seen: CallCounts,
  { learning, learns = true, bar = leastExcess }: CallStep,
): UnusualCalls | undefined {
  const sound = seen.intervalMs > 0 && seen.intervalMs <= longestStepMs && Number.isFinite(seen.at);
  if (!sound) return undefined;
  const { window } = watch;
  // A clock that was set back.
  if (window.lastAt !== undefined && seen.at <= window.lastAt) breakCalls(watch);
  addToWindow(window, seen);
  if (learning && !learns) return undefined;
  learned.watchedMs += seen.intervalMs;
  if (learning) {
    for (const tally of latestTallies(window)) {
      learnLevel(learned, tally.name, levelOf(window, tally));
    }
    return undefined;
  }
  judgeNames(watch, learned, seen, { learns, bar });
  const { episode } = watch;
  if (episode === undefined) return undefined;
  if (seen.at - episode.newsAt > episodeMs) {
    watch.episode = undefined;
    return undefined;
  }
  followEpisode(episode, window, seen);
  return tellEpisode(episode, seen.at, learned.watchedMs);
}

function judgeNames(
  watch: CallWatch,
  learned: LearnedCalls,
  seen: CallCounts,
  { learns, bar }: { readonly learns: boolean; readonly bar: number },
): void {
  const { window } = watch;
  for (const tally of latestTallies(window)) {
    const { name } = tally;
    const level = levelOf(window, tally);
    const top = topOf(learned, name);
    if (level <= top) continue;
    if (classOfCall(name) === 'internal') {
      if (learns) learnLevel(learned, name, level);
      continue;
    }
    const told = toldLevel(watch, name, seen.at);
    if (told !== undefined) told.reachedAt = seen.at;
    const before = Math.max(top, told?.level ?? 0);
    if (level <= before) continue;
    const news = excessOf(level, before) > bar;
    if (news) {
      watch.episode ??= createCallEpisode(seen);
      noteNews(watch.episode, name, top, level, seen.at);
    }
    // While an episode lasts nothing is learned from it, small as it may be.
    const teaches = learns && watch.episode === undefined && told === undefined;
    if (teaches) learnLevel(learned, name, level);
    else tellLevel(watch, name, level, seen.at);
  }
}

function toldLevel(watch: CallWatch, name: string, at: Moment): ToldLevel | undefined {
  const told = watch.told.get(name);
  if (told === undefined || Math.abs(at - told.reachedAt) <= toldMs) return told;
  watch.told.delete(name);
  return undefined;
}

function tellLevel(watch: CallWatch, name: string, level: number, at: Moment): void {
  watch.told.delete(name);
  if (watch.told.size >= mostTold) {
    const [oldest] = watch.told.keys();
    if (oldest !== undefined) watch.told.delete(oldest);
  }
  watch.told.set(name, { level, reachedAt: at });
}

/** A person said that what was told is normal: it is learned. */
export function acceptCalls(watch: CallWatch, learned: LearnedCalls): void {
  for (const [name, { level }] of watch.told) learnLevel(learned, name, level);
  watch.told.clear();
  watch.episode = undefined;
}
