import type { Milliseconds } from '../model/time.ts';
import {
  addToHistogram,
  createLogHistogram,
  exceedance,
  histogramLowQuantile,
  histogramQuantile,
  histogramTop,
  packHistogram,
  scaleHistogram,
  unpackHistogram,
  type LogHistogram,
} from '../stats/log-histogram.ts';
import {
  createLearnedStarts,
  packStarts,
  unpackStarts,
  type LearnedStarts,
  type PackedStarts,
} from './starts/learned-starts.ts';
import { createProfile, type Profile } from './profile.ts';
import { series, seriesNames, type SeriesName } from './series.ts';

/** The normal range of a series, from what was learned. */
export interface LearnedRange {
  readonly low: number;
  readonly middle: number;
  readonly high: number;
  /** Hardly ever exceeded in a single second: the 99.95th percentile. */
  readonly top: number;
  /** Never exceeded in a single second of the last two weeks or so. */
  readonly most: number;
  /**
   * Hardly ever held for ten seconds: the 99.9th percentile of ten-second floors. Zero for a series
   * that is not held against it.
   */
  readonly sustainedTop: number;
}

/**
 * What is normal for a workload, learned from all its containers. The serialised form is
 * `PackedBaseline`.
 */
export interface LearnedBaseline {
  readonly seconds: Readonly<Record<SeriesName, LogHistogram>>;
  /** Ten-second floors, of the series that are held against what was sustained. */
  readonly floors: Readonly<Record<SustainedSeries, LogHistogram>>;
  /** Bytes sent in one go, episode by episode. */
  readonly uploads: LogHistogram;
  /** The same of those that went on for long and that a person held normal, or that were no larger. */
  readonly longUploads: LogHistogram;
  /** The least CPU of each minute, in cores, told every ten seconds. */
  readonly restless: LogHistogram;
  /** The least CPU of each five minutes, in cores, told every ten seconds. */
  readonly restlessLong: LogHistogram;
  /** How much was seen in all. */
  learnedMs: Milliseconds;
  /** The weight of the present second; it grows so that the past fades. */
  weight: number;
  /** Commands started from outside while learning, or accepted by the person. */
  execs: number;
  /** What it starts when all is well. */
  readonly starts: LearnedStarts;
  /** What is known of it beside the ranges of its series. */
  readonly profile: Profile;
  cache: RangeCache;
}

/** Ranges computed from the histograms, how much had been learned by then, and how much more until they are again. */
interface RangeCache {
  readonly atMs: Milliseconds;
  readonly refreshMs: Milliseconds;
  readonly ranges: Record<SeriesName, LearnedRange | undefined>;
}

const sustainedSeries = ['cpu', 'sent'] as const;

/** Series whose ten-second floors are learned. */
export type SustainedSeries = (typeof sustainedSeries)[number];

/** Whether what the series sustains is learned. */
export function isSustained(name: SeriesName): name is SustainedSeries {
  return name === 'cpu' || name === 'sent';
}

/** Observed time in which what was learned loses half its weight: three days. */
const halfLifeMs = 3 * 24 * 3_600_000;

/** A second whose weight has faded to a twentieth, after 13 days, is forgotten. */
export const forgottenShare = 0.05;

/** Ranges are computed anew after a tenth more has been learned, at most and at least after this. */
const longestRefreshMs = 20_000;
const shortestRefreshMs = 1_000;

/**
 * Floors of five minutes are told apart from here on, in cores: lower than a second's use, since work
 * that rests at all has none, and a miner in a small container takes little.
 */
export const leastRestlessLong = 0.01;

/** Uploads are told apart from here on, in bytes. */
const leastUpload = 100_000;

/** The version of the serialised form. */
export const baselineVersion = 1;

function histograms(): Record<SeriesName, LogHistogram> {
  return {
    cpu: createLogHistogram(series.cpu.floor),
    memory: createLogHistogram(series.memory.floor),
    processes: createLogHistogram(series.processes.floor),
    sent: createLogHistogram(series.sent.floor),
    received: createLogHistogram(series.received.floor),
    block: createLogHistogram(series.block.floor),
  };
}

function emptyCache(atMs: Milliseconds): RangeCache {
  const none = undefined;
  return {
    atMs,
    refreshMs: Math.min(longestRefreshMs, Math.max(shortestRefreshMs, 0.1 * atMs)),
    ranges: { cpu: none, memory: none, processes: none, sent: none, received: none, block: none },
  };
}

/** Nothing learned; of the profile what is handed over. */
export function createBaseline(profile = createProfile()): LearnedBaseline {
  return {
    seconds: histograms(),
    floors: {
      cpu: createLogHistogram(series.cpu.floor),
      sent: createLogHistogram(series.sent.floor),
    },
    uploads: createLogHistogram(leastUpload),
    longUploads: createLogHistogram(leastUpload),
    restless: createLogHistogram(series.cpu.floor),
    restlessLong: createLogHistogram(leastRestlessLong),
    learnedMs: 0,
    weight: 1,
    execs: 0,
    starts: createLearnedStarts(),
    profile,
    cache: emptyCache(-Infinity),
  };
}

/** Learns one value of a series, and its ten-second floor where that is known. */
export function learnValue(
  baseline: LearnedBaseline,
  name: SeriesName,
  value: number,
  floor: number | undefined,
): void {
  addToHistogram(baseline.seconds[name], value, baseline.weight);
  if (floor === undefined || !isSustained(name)) return;
  addToHistogram(baseline.floors[name], floor, baseline.weight);
}

/** Counts `intervalMs` more as learned, and lets the past fade accordingly. */
export function learnTime(baseline: LearnedBaseline, intervalMs: Milliseconds): void {
  baseline.learnedMs += intervalMs;
  baseline.weight *= 2 ** (intervalMs / halfLifeMs);
  if (baseline.weight < 1e6) return;
  for (const name of seriesNames) scaleHistogram(baseline.seconds[name], baseline.weight);
  for (const name of sustainedSeries) scaleHistogram(baseline.floors[name], baseline.weight);
  scaleHistogram(baseline.uploads, baseline.weight);
  scaleHistogram(baseline.longUploads, baseline.weight);
  scaleHistogram(baseline.restless, baseline.weight);
  scaleHistogram(baseline.restlessLong, baseline.weight);
  baseline.weight = 1;
}

/** The learned range of a series. All zero while nothing was learned of it. */
export function rangeOf(baseline: LearnedBaseline, name: SeriesName): LearnedRange {
  const { atMs, refreshMs } = baseline.cache;
  if (baseline.learnedMs - atMs >= refreshMs) baseline.cache = emptyCache(baseline.learnedMs);
  const known = baseline.cache.ranges[name];
  if (known !== undefined) return known;
  const seconds = baseline.seconds[name];
  const range: LearnedRange = {
    low: histogramLowQuantile(seconds, 0.005),
    middle: histogramQuantile(seconds, 0.5),
    high: histogramQuantile(seconds, 0.995),
    top: histogramQuantile(seconds, 0.9995),
    most: histogramTop(seconds, forgottenShare * baseline.weight),
    sustainedTop: isSustained(name) ? histogramQuantile(baseline.floors[name], 0.999) : 0,
  };
  baseline.cache.ranges[name] = range;
  return range;
}

/**
 * What 99 of 100 seconds lie in. Computed anew each time and kept nowhere, so that looking at it
 * changes nothing in what the detectors go by.
 */
export function usualRange(
  baseline: LearnedBaseline,
  name: SeriesName,
): Pick<LearnedRange, 'low' | 'high'> {
  const seconds = baseline.seconds[name];
  return { low: histogramLowQuantile(seconds, 0.005), high: histogramQuantile(seconds, 0.995) };
}

/** How surprising a value is, 0 to 1: one minus its conformal p-value. */
export function surprise(baseline: LearnedBaseline, name: SeriesName, value: number): number {
  return 1 - exceedance(baseline.seconds[name], value, baseline.weight);
}

type Pairs = readonly (readonly [number, number])[];

/** A baseline as JSON, without its profile (see `packProfile`). */
export interface PackedBaseline {
  readonly seconds: Readonly<Record<SeriesName, Pairs>>;
  readonly floors: Readonly<Record<SustainedSeries, Pairs>>;
  readonly uploads: Pairs;
  /** Absent in a baseline of an earlier Sentra. */
  readonly longUploads?: Pairs | undefined;
  readonly restless: Pairs;
  /** In steps from `leastRestlessLong` on; what an earlier Sentra kept of it was coarser. */
  readonly restlessFive: Pairs;
  readonly learnedMs: number;
  readonly weight: number;
  readonly execs: number;
  /** Absent in a baseline of an earlier Sentra. */
  readonly starts?: PackedStarts | undefined;
}

function pack(all: Readonly<Record<SeriesName, LogHistogram>>): Record<SeriesName, Pairs> {
  return {
    cpu: packHistogram(all.cpu),
    memory: packHistogram(all.memory),
    processes: packHistogram(all.processes),
    sent: packHistogram(all.sent),
    received: packHistogram(all.received),
    block: packHistogram(all.block),
  };
}

function unpack(all: Readonly<Record<SeriesName, Pairs>>): Record<SeriesName, LogHistogram> {
  return {
    cpu: unpackHistogram(series.cpu.floor, all.cpu),
    memory: unpackHistogram(series.memory.floor, all.memory),
    processes: unpackHistogram(series.processes.floor, all.processes),
    sent: unpackHistogram(series.sent.floor, all.sent),
    received: unpackHistogram(series.received.floor, all.received),
    block: unpackHistogram(series.block.floor, all.block),
  };
}

/** For storing. */
export function packBaseline(baseline: LearnedBaseline): PackedBaseline {
  return {
    seconds: pack(baseline.seconds),
    floors: { cpu: packHistogram(baseline.floors.cpu), sent: packHistogram(baseline.floors.sent) },
    uploads: packHistogram(baseline.uploads),
    longUploads: packHistogram(baseline.longUploads),
    restless: packHistogram(baseline.restless),
    restlessFive: packHistogram(baseline.restlessLong),
    learnedMs: baseline.learnedMs,
    weight: baseline.weight,
    execs: baseline.execs,
    starts: packStarts(baseline.starts),
  };
}

/** What `packBaseline` gave, read back. The caller has checked its shape. */
export function unpackBaseline(packed: PackedBaseline, profile = createProfile()): LearnedBaseline {
  return {
    seconds: unpack(packed.seconds),
    floors: {
      cpu: unpackHistogram(series.cpu.floor, packed.floors.cpu),
      sent: unpackHistogram(series.sent.floor, packed.floors.sent),
    },
    uploads: unpackHistogram(leastUpload, packed.uploads),
    longUploads: unpackHistogram(leastUpload, packed.longUploads ?? []),
    restless: unpackHistogram(series.cpu.floor, packed.restless),
    restlessLong: unpackHistogram(leastRestlessLong, packed.restlessFive),
    learnedMs: packed.learnedMs,
    weight: packed.weight,
    execs: packed.execs,
    starts: unpackStarts(packed.starts),
    profile,
    cache: emptyCache(-Infinity),
  };
}
