import type { Milliseconds } from '../../model/time.ts';
import {
  createCalibration,
  packCalibration,
  unpackCalibration,
  type Calibration,
  type PackedCalibration,
} from '../../stats/calibration.ts';
import { seriesNames, type SeriesName } from '../series.ts';
import {
  createLevelCore,
  packLevel,
  unpackLevel,
  type LevelCore,
  type PackedLevel,
} from '../series/level-core.ts';
import {
  createManySeries,
  packManySeries,
  unpackManySeries,
  type ManySeries,
  type PackedManySeries,
} from '../series/many-series.ts';
import {
  createOneSeries,
  createSeriesViews,
  packSeries,
  packViews,
  unpackSeries,
  unpackViews,
  type OneSeries,
  type PackedSeries,
  type PackedViews,
  type SeriesViews,
} from '../series/one-series.ts';

/** What is known of all senses of a container together; it does not grow. */
export interface TogetherCore {
  /** Of each resource series what is kept beside its level. */
  readonly views: Readonly<Record<SeriesName, SeriesViews>>;
  /** The logarithms of the resource series and, last, of the rate of system calls. */
  readonly many: ManySeries;
  /** System calls a second. */
  readonly rate: OneSeries;
  /** How far a minute's mix of calls lies from those that are known. */
  readonly mix: Calibration;
  /** What all senses bring within five seconds. */
  readonly gains: Calibration;
  /** Destinations of one look at its egress. */
  readonly places: LevelCore;
  readonly record: EvidenceRecord;
  /** How long it was watched while nothing else was found. */
  watchedMs: Milliseconds;
}

/**
 * The most evidence that there was at once, in nats, in the turn of watching that goes on and in the one
 * before it. What came in the first minutes was strange because hardly anything was known.
 */
export interface EvidenceRecord {
  before: number;
  now: number;
  /** Watched when the turn began that goes on. */
  sinceMs: Milliseconds;
}

/** The resource series and the rate of system calls. */
export const channelsTogether = seriesNames.length + 1;

function mapSeries<Of>(of: (name: SeriesName) => Of): Record<SeriesName, Of> {
  return {
    cpu: of('cpu'),
    memory: of('memory'),
    processes: of('processes'),
    sent: of('sent'),
    received: of('received'),
    block: of('block'),
  };
}

/** Nothing seen. */
export function createTogetherCore(): TogetherCore {
  return {
    views: mapSeries(() => createSeriesViews()),
    many: createManySeries(channelsTogether),
    rate: createOneSeries(),
    mix: createCalibration(),
    gains: createCalibration(),
    places: createLevelCore(),
    record: { before: 0, now: 0, sinceMs: 0 },
    watchedMs: 0,
  };
}

/** A core as JSON. */
export interface PackedTogether {
  readonly views: Readonly<Record<SeriesName, PackedViews>>;
  readonly many: PackedManySeries;
  readonly rate: PackedSeries;
  readonly mix: PackedCalibration;
  readonly gains: PackedCalibration;
  readonly places: PackedLevel;
  readonly record: Readonly<EvidenceRecord>;
  readonly watchedMs: Milliseconds;
}

/** For storing. */
export function packTogether(core: TogetherCore): PackedTogether {
  return {
    views: mapSeries((name) => packViews(core.views[name])),
    many: packManySeries(core.many),
    rate: packSeries(core.rate),
    mix: packCalibration(core.mix),
    gains: packCalibration(core.gains),
    places: packLevel(core.places),
    record: { ...core.record },
    watchedMs: core.watchedMs,
  };
}

/** What `packTogether` gave, read back. The caller has checked its shape. */
export function unpackTogether(packed: PackedTogether): TogetherCore {
  return {
    views: mapSeries((name) => unpackViews(packed.views[name])),
    many: unpackManySeries(packed.many),
    rate: unpackSeries(packed.rate),
    mix: unpackCalibration(packed.mix),
    gains: unpackCalibration(packed.gains),
    places: unpackLevel(packed.places),
    record: { ...packed.record },
    watchedMs: packed.watchedMs,
  };
}
