import type { Moment } from '../model/time.ts';
import { rangeOf, type LearnedBaseline } from './learned.ts';
import { middleOfFive, recentEvidence, type Recent } from './recent.ts';
import type { Second } from './second.ts';
import { createLevelCore, type LevelCore } from './series/level-core.ts';
import {
  createSeriesViews,
  judgeValue,
  type OneSeries,
  type SeriesScore,
  type SeriesViews,
} from './series/one-series.ts';
import { series, valueOf, type SeriesName } from './series.ts';
import type { Verdict } from './verdict.ts';
import { bytesInWords, coresInWords, countInWords, spanInWords } from './words.ts';

/** What is known of the level of a series, and since when it lies beyond its learned range. */
export interface LevelShift {
  readonly series: SeriesName;
  /** How strange five seconds are by all that this container has done. */
  readonly core: LevelCore;
  /** The same with the two other views of it: the mean of some minutes, and the unrest. */
  readonly one: OneSeries;
  /** What they said of the latest five seconds, of which the mean is `one.now.last`; undefined since the last gap. */
  latest: SeriesScore | undefined;
  /** The seconds since the core was asked last: their sum and number. */
  sum: number;
  summed: number;
  onsetAt: Moment | undefined;
  /** Of the latest five seconds, which were beyond the range: one bit each, the latest lowest. */
  beyond: number;
  /** The least probability of what was unprecedented since the level went beyond; 1 for nothing. */
  least: number;
}

/** Nothing so far, but for what `core` knows. */
export function createLevelShift(
  name: SeriesName,
  core = createLevelCore(),
  views: SeriesViews = createSeriesViews(),
): LevelShift {
  return {
    series: name,
    core,
    one: { ...views, level: core },
    latest: undefined,
    sum: 0,
    summed: 0,
    onsetAt: undefined,
    beyond: 0,
    least: 1,
  };
}

/** After a gap what follows does not continue what was before; what is usual stays known. */
export function restartLevel(shift: LevelShift): void {
  shift.sum = 0;
  shift.summed = 0;
  shift.onsetAt = undefined;
  shift.beyond = 0;
  shift.least = 1;
  shift.latest = undefined;
}

/**
 * Seconds from one question to the core to the next: it is asked for their mean. A level that lasts
 * three seconds of five shows in it, and what is only recorded need not cost five times as much.
 */
export const secondsPerQuestion = 5;

/** Adds a second; what the core says when five are full. */
function askCore(
  shift: LevelShift,
  value: number,
  least: number,
  learns: boolean,
): SeriesScore | undefined {
  if (Number.isNaN(value)) return undefined;
  shift.sum += value;
  shift.summed += 1;
  if (shift.summed < secondsPerQuestion) return undefined;
  const mean = shift.sum / shift.summed;
  shift.sum = 0;
  shift.summed = 0;
  const score = judgeValue(shift.one, mean, { least, learns });
  shift.latest = score;
  return score;
}

function bitsSet(five: number): number {
  return (five & 1) + ((five >> 1) & 1) + ((five >> 2) & 1) + ((five >> 3) & 1) + ((five >> 4) & 1);
}

/** A value of a series with its unit. */
export function valueInWords(name: SeriesName, value: number): string {
  switch (name) {
    case 'cpu':
      return coresInWords(value);
    case 'memory':
      return bytesInWords(value);
    case 'processes':
      return processesInWords(value);
    case 'sent':
    case 'received':
    case 'block':
      return `${bytesInWords(value)} a second`;
  }
}

function processesInWords(value: number): string {
  const count = countInWords(value);
  return `${count} ${count === '1' ? 'process' : 'processes'}`;
}

/** The record is told of where it is broken. */
function neverAbove(name: SeriesName, level: number, most: number): string {
  return level > most ? ` and was never above ${valueInWords(name, most)}` : '';
}

/** A level beyond, and how far: the logarithm of its ratio to the most there ever was; may be below 0. */
export interface LevelVerdict {
  readonly verdict: Verdict;
  readonly strength: number;
}

/**
 * Tells of a level when three of the latest five seconds lie above the learned 99.5th percentile and
 * the series core (`series/level-core.ts`) calls the mean of five seconds unprecedented: no more
 * probable than once in all that it has seen of the container. The one is what a person can read, the
 * other how rare.
 * A shift alone means little in an agent that starts a new kind of work: it is *info*, unless the budget
 * of alarms finds it rare enough to be told. With `learns` false the second teaches nothing.
 */
export function judgeLevel(
  shift: LevelShift,
  recent: Recent,
  second: Second,
  baseline: LearnedBaseline,
  learns: boolean,
): LevelVerdict | undefined {
  const least = series[shift.series].floor;
  const range = rangeOf(baseline, shift.series);
  const value = valueOf(shift.series, second) ?? Number.NaN;
  const judged = askCore(shift, value, least, learns);
  const beyond = value > range.high + 2 * least;
  shift.beyond = ((shift.beyond << 1) | (beyond ? 1 : 0)) & 0b11111;
  if (shift.beyond === 0) shift.least = 1;
  else if (judged?.unprecedented === true) {
    shift.least = Math.min(shift.least, judged.level);
  }
  // The median is beyond when three of the five are; no sorting for what is nearly always calm.
  if (bitsSet(shift.beyond) < 3) {
    shift.onsetAt = undefined;
    return undefined;
  }
  if (shift.least === 1) return undefined;
  const level = middleOfFive(recent, shift.series);
  if (level === undefined) return undefined;
  shift.onsetAt ??= second.at - 2 * second.intervalMs;
  const meaning = series[shift.series];
  const title = meaning.title.charAt(0).toUpperCase() + meaning.title.slice(1);
  const verdict: Verdict = {
    kind: 'level-shift',
    series: shift.series,
    severity: 'info',
    score: 1 - shift.least,
    onsetAt: shift.onsetAt,
    sentence:
      `${title}: ${valueInWords(shift.series, level)} for ${spanInWords(second.at - shift.onsetAt)}, where ` +
      `it is normally between ${valueInWords(shift.series, range.low)} and ` +
      `${valueInWords(shift.series, range.high)}${neverAbove(shift.series, level, range.most)}.`,
    evidence: [recentEvidence(recent, shift.series, level, { low: range.low, high: range.high })],
    technique: undefined,
  };
  return { verdict, strength: Math.log((level + least) / (range.most + least)) };
}
