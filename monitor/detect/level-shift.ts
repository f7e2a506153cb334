import type { Moment } from '../model/time.ts';
import { rangeOf, surprise, type LearnedBaseline } from './learned.ts';
import { middleOfFive, recentEvidence, type Recent } from './recent.ts';
import type { Second } from './second.ts';
import { series, valueOf, type SeriesName } from './series.ts';
import type { Verdict } from './verdict.ts';
import { bytesInWords, coresInWords, countInWords } from './words.ts';

/** Since when a series lies beyond its learned range. */
export interface LevelShift {
  readonly series: SeriesName;
  onsetAt: Moment | undefined;
  /** Of the latest five seconds, which were beyond the range: one bit each, the latest lowest. */
  beyond: number;
}

/** Nothing so far. */
export function createLevelShift(name: SeriesName): LevelShift {
  return { series: name, onsetAt: undefined, beyond: 0 };
}

function bitsSet(five: number): number {
  return (five & 1) + ((five >> 1) & 1) + ((five >> 2) & 1) + ((five >> 3) & 1) + ((five >> 4) & 1);
}

function inWords(name: SeriesName, value: number): string {
  switch (name) {
    case 'cpu':
      return coresInWords(value);
    case 'memory':
      return bytesInWords(value);
    case 'processes':
      return `${countInWords(value)} processes`;
    case 'sent':
    case 'received':
    case 'block':
      return `${bytesInWords(value)} a second`;
  }
}

/**
 * Compares the median of the latest five seconds with the learned 99.5th percentile, widened by as
 * much as that lies above the median and by the series' own floor; order statistics throughout, so
 * single spikes move neither side, and a flat history has a width. A shift alone means little in an
 * agent that starts a new kind of work: it is recorded as *info* and supports other findings.
 */
export function judgeLevel(
  shift: LevelShift,
  recent: Recent,
  second: Second,
  baseline: LearnedBaseline,
): Verdict | undefined {
  const range = rangeOf(baseline, shift.series);
  const edge = range.high + (range.high - range.middle) + 2 * series[shift.series].floor;
  const value = valueOf(shift.series, second) ?? 0;
  shift.beyond = ((shift.beyond << 1) | (value > edge ? 1 : 0)) & 0b11111;
  // The median is beyond when three of the five are; no sorting for what is nearly always calm.
  if (bitsSet(shift.beyond) < 3) {
    shift.onsetAt = undefined;
    return undefined;
  }
  const level = middleOfFive(recent, shift.series);
  if (level === undefined) return undefined;
  shift.onsetAt ??= second.at - 2 * second.intervalMs;
  const meaning = series[shift.series];
  const title = meaning.title.charAt(0).toUpperCase() + meaning.title.slice(1);
  return {
    kind: 'level-shift',
    series: shift.series,
    severity: 'info',
    score: surprise(baseline, shift.series, level),
    onsetAt: shift.onsetAt,
    sentence:
      `${title}: ${inWords(shift.series, level)}, where it is normally between ` +
      `${inWords(shift.series, range.low)} and ${inWords(shift.series, range.high)}.`,
    evidence: [recentEvidence(recent, shift.series, level, { low: range.low, high: range.high })],
    technique: undefined,
  };
}
