import type { EgressObservation } from '../../model/observation.ts';
import type { Milliseconds, Moment } from '../../model/time.ts';
import { judgeScore, probabilityOf } from '../../stats/calibration.ts';
import { secondsPerQuestion } from '../level-shift.ts';
import { seriesMemory } from '../series/level-core.ts';
import {
  channels,
  judgeChannels,
  placeOf,
  placesOf,
  senses,
  type ChannelInput,
  type Judged,
} from './channels.ts';
import { eValueOf } from './e-value.ts';
import {
  createStrangest,
  fadeStrangest,
  forgetStrangest,
  noteStrangest,
  type Seen,
  type Strangest,
} from './strangest.ts';
import { createTogetherCore, type EvidenceRecord, type TogetherCore } from './together-core.ts';

/** All senses of one container together. The step updates it in place. */
export interface TogetherAlarm {
  readonly core: TogetherCore;
  /** Destinations of a look that has not been judged yet. */
  places: number | undefined;
  /** Evidence that has come together, in nats. */
  evidence: number;
  /** Since when there has been some. */
  beganAt: Moment;
  /** What each channel brought of it, in the order of `channels`. */
  readonly by: number[];
  /** What each channel showed when it brought most of it. */
  readonly strangest: Strangest;
  /** The most evidence in the episode that goes on; 0 without one. */
  peak: number;
  onsetAt: Moment | undefined;
  /** Whether the person was told of it. */
  told: boolean;
  /** The latest evidence, for showing, and when it was seen; only where it is not far from a record. */
  readonly recent: { readonly at: Moment; readonly evidence: number }[];
  found: TogetherFound | undefined;
  /** What was told latest: its onset, and its most evidence. */
  lately: { readonly onsetAt: Moment; readonly peak: number } | undefined;
}

/** Evidence beyond all that there ever was; holds until the channels are asked again. */
export interface TogetherFound {
  readonly onsetAt: Moment;
  /** How many times as much as ever. */
  readonly times: number;
  /** By which the budget of alarms rules on it. */
  readonly strength: number;
  readonly evidence: number;
  readonly record: number;
}

/** What has to be known beside the channels. */
export interface TogetherInput extends ChannelInput {
  /** Whether another finding is open: it says already what is wrong. */
  readonly isHeld: boolean;
}

const questionMs: Milliseconds = 1000 * secondsPerQuestion;

/** Evidence fades to a third in ten minutes, the time in which the budget counts one episode. */
const keptShare = Math.exp(-questionMs / 600_000);

/** A record is of the turn that goes on and the one before it; each turn is as long as all before it. */
const firstTurnMs: Milliseconds = 1_800_000;
const longestTurnMs: Milliseconds = 7 * 86_400_000;

/**
 * What each question takes away, in nats (Page's reference value). Work comes in stretches in which one
 * moment is like the one before; only what comes once in thirty moments or more rarely adds anything.
 */
const allowance = 1;

/** Evidence below it is alike, in nats: a hundred to one is nothing that a day would not bring. */
const alike = 5;

/** A fifth more than ever; what is less is learned and not told. */
const leastTimes = 1.2;

/** What came earlier has faded. */
const longestOnsetMs: Milliseconds = 1_200_000;

/** With less history nothing is said. */
const leastWatchedMs: Milliseconds = 3_600_000;

/** The longest that the record can stand for, and the stretch that is taken to be independent. */
const longestMs: Milliseconds = 3 * 86_400_000;
const stretchMs: Milliseconds = 120_000;

/** So many moments are kept for showing: a minute. */
const shown = 12;

/** Nothing seen since the start, but for what `core` knows. */
export function createTogetherAlarm(core = createTogetherCore()): TogetherAlarm {
  return {
    core,
    places: undefined,
    evidence: 0,
    beganAt: 0,
    by: channels.map(() => 0),
    strangest: createStrangest(),
    peak: 0,
    onsetAt: undefined,
    told: false,
    recent: [],
    found: undefined,
    lately: undefined,
  };
}

/** After a gap what follows does not continue what was before; what is usual stays known. */
export function restartTogether(alarm: TogetherAlarm): void {
  alarm.places = undefined;
  dropEvidence(alarm);
}

function dropEvidence(alarm: TogetherAlarm): void {
  alarm.evidence = 0;
  forgetShares(alarm);
  alarm.recent.length = 0;
  endEpisode(alarm, false);
}

function forgetShares({ by, strangest }: TogetherAlarm): void {
  by.fill(0);
  forgetStrangest(strangest);
}

/** Takes a look at the egress. */
export function noteLook(
  alarm: TogetherAlarm,
  { destinations, omitted }: Pick<EgressObservation, 'destinations' | 'omitted'>,
): void {
  alarm.places = destinations.length + omitted;
}

/**
 * Combines what all channels say of the latest five seconds, and over time.
 *
 * Each probability becomes an e-value. Within a sense they are averaged, which is an e-value whatever the
 * dependence between them (Vovk and Wang: "E-values: calibration, combination and applications", Annals of
 * Statistics 49, 2021). The logarithms of the senses add up, as in Fisher's sum (Statistical Methods for
 * Research Workers, 1932). Senses depend on each other, so that sum becomes a probability by the container's
 * own history, and that an e-value again. Over time their logarithms add up from the last moment at which
 * nothing was left, less an allowance: Page's cumulative sum (Biometrika 41, 1954) on e-values, an
 * e-detector (Shin, Ramdas, Rinaldo: "E-detectors", New England Journal of Statistics in Data Science 2,
 * 2024), that fades.
 *
 * Five seconds depend on those before, so nothing is claimed by that theory: the evidence is held against
 * the most that there was of it (`EvidenceRecord`). Its tail is about exponential, as that of a cumulative
 * sum is: with a record r after n stretches of two minutes its scale is about r / ln(n + 1), and the
 * strength is ln 2 for each scale beyond, which is what the budget expects of a source of which it knows
 * nothing yet; how far records go beyond each other it learns from the source's own episodes.
 *
 * Another finding says already what is wrong, so while one is open evidence does not gather. Nothing is
 * said in the first hour watched. Undefined while nothing is beyond.
 */
export function judgeTogetherAlarm(
  alarm: TogetherAlarm,
  input: TogetherInput,
): TogetherFound | undefined {
  const { core, places } = alarm;
  const { at, learns } = input;
  const judged = judgeChannels(core, input, places);
  alarm.places = undefined;
  alarm.found = undefined;
  if (input.isHeld) {
    dropEvidence(alarm);
    return undefined;
  }
  gather(alarm, judged, input, places);
  if (learns) {
    core.watchedMs += questionMs;
    turnRecord(core.record, core.watchedMs);
  }
  const { evidence, recent } = alarm;
  const record = mostOf(core.record);
  if (evidence > record / 2) {
    recent.push({ at, evidence });
    if (recent.length > shown) recent.shift();
  } else recent.length = 0;
  if (evidence <= record) {
    endEpisode(alarm, learns);
    if (learns) noteRecord(core, evidence);
    return undefined;
  }
  alarm.peak = Math.max(alarm.peak, evidence);
  const times = (evidence + alike) / (record + alike);
  if (times < leastTimes || core.watchedMs < leastWatchedMs) return undefined;
  const stretches = Math.min(core.watchedMs, longestMs) / stretchMs;
  const strength = Math.LN2 * Math.log(stretches + 1) * (times - 1);
  alarm.onsetAt ??= Math.max(alarm.beganAt, at - longestOnsetMs);
  alarm.found = {
    onsetAt: alarm.onsetAt,
    times,
    strength,
    evidence,
    record,
  };
  return alarm.found;
}

function mostOf({ before, now }: EvidenceRecord): number {
  return Math.max(before, now);
}

function noteRecord({ record }: TogetherCore, evidence: number): void {
  record.now = Math.max(record.now, evidence);
}

/** Begins another turn when the one that goes on is as long as all before it. */
function turnRecord(record: EvidenceRecord, watchedMs: Milliseconds): void {
  const turnMs = Math.min(longestTurnMs, Math.max(firstTurnMs, record.sinceMs));
  if (watchedMs - record.sinceMs < turnMs) return;
  record.before = record.now;
  record.now = 0;
  record.sinceMs = watchedMs;
}

/** Adds what the channels say to the evidence, and to what each of them brought of it. */
function gather(
  alarm: TogetherAlarm,
  { probabilities, farthest, rate }: Judged,
  { levels, restless, at, learns }: TogetherInput,
  destinations: number | undefined,
): void {
  const { by, strangest, core } = alarm;
  const seen: Seen = { levels, restless, core, rate, destinations };
  for (let place = 0; place < by.length; place += 1) {
    by[place] = keptShare * (by[place] ?? 0);
    fadeStrangest(strangest, place, keptShare);
  }
  let gained = 0;
  for (const sense of senses) {
    const [from, to] = placesOf[sense];
    let sum = 0;
    let asked = 0;
    for (let place = from; place < to; place += 1) {
      const probability = probabilities[place];
      if (probability === undefined) continue;
      sum += eValueOf(probability);
      asked += 1;
    }
    if (asked === 0) continue;
    const gain = Math.log(sum / asked);
    gained += gain;
    if (gain <= 0) continue;
    for (let place = from; place < to; place += 1) {
      const probability = probabilities[place];
      if (probability === undefined) continue;
      // What all series show together is due to the one that lies farthest.
      const due = place === placeOf['all series'] ? placeOf[farthest] : place;
      const brought = (gain * eValueOf(probability)) / sum;
      by[due] = (by[due] ?? 0) + brought;
      noteStrangest(strangest, due, brought, seen);
    }
  }
  // Back from logarithms; the tail of a sum of them is exponential and that of a calibration Pareto's.
  const score = Math.exp(gained / 2) / 10;
  const { gains } = core;
  const probability = learns ? judgeScore(gains, score, seriesMemory) : probabilityOf(gains, score);
  const kept = keptShare * alarm.evidence;
  if (alarm.evidence === 0) alarm.beganAt = at - questionMs;
  alarm.evidence = Math.max(0, kept + Math.log(eValueOf(probability)) - allowance);
  if (alarm.evidence === 0) forgetShares(alarm);
}

/** What was told is not learned, unless a person accepts it. */
function endEpisode(alarm: TogetherAlarm, learns: boolean): void {
  if (alarm.told && alarm.onsetAt !== undefined) {
    alarm.lately = { onsetAt: alarm.onsetAt, peak: alarm.peak };
  } else if (learns) noteRecord(alarm.core, alarm.peak);
  alarm.peak = 0;
  alarm.onsetAt = undefined;
  alarm.told = false;
  alarm.found = undefined;
}

/** The person holds normal what was told with this onset: as much evidence is known from now on. */
export function acceptTogether(alarm: TogetherAlarm, onsetAt: Moment): void {
  if (alarm.told) endEpisode(alarm, false);
  const { lately, core } = alarm;
  if (lately === undefined || Math.round(lately.onsetAt) !== onsetAt) return;
  noteRecord(core, lately.peak);
  alarm.lately = undefined;
}
