import type { Milliseconds, Moment } from '../../model/time.ts';
import { classOf, priorMsOf, shareOf, type AlarmClass, type AlarmSource } from './alarm-source.ts';
import { countAlarm, type AlarmTally } from './alarm-tally.ts';
import {
  addEpisode,
  memoryMs,
  rateOf,
  type EpisodeHistory,
  type Watched,
} from './episode-history.ts';

/** An episode that is not known to be over. */
interface OpenEpisode {
  readonly atMs: Milliseconds;
  strength: number;
  lastAt: Moment;
  /** The onset of what was told of in it. */
  toldOnset: Moment | undefined;
}

/** Everything the budget keeps about one source. */
export interface SourceBudget {
  readonly history: EpisodeHistory;
  open: OpenEpisode | undefined;
}

/** An alarm that a person called false. */
export interface MarkedFalse {
  /** Container time watched at that moment: when the episode that it added began, too. */
  readonly atMs: Milliseconds;
  /** The finding's id; empty where the record is older than that it was kept. */
  readonly finding: string;
}

/**
 * The budget of false alarms of one workload, with what it rests on. Containers of one workload share
 * it; time and rates are per container. A step updates it in place.
 */
export interface AlarmBudget {
  /** What the person bears: false alarms of one container and day; above zero. */
  alarmsPerDay: number;
  /** Container time that was judged. */
  watchedMs: Milliseconds;
  readonly sources: Readonly<Record<AlarmSource, SourceBudget>>;
  /** The logarithm of what the threshold is corrected by: below zero after alarms. */
  correction: number;
  /** What that of all senses together is corrected by besides; see `togetherShare`. */
  togetherCorrection: number;
  /** All there were, those that it does not rule on among them: escapes, runaways and the like. */
  readonly alarms: AlarmTally;
  /** The latest `mostMarked` that a person called false, oldest first. */
  readonly markedFalse: MarkedFalse[];
  /** When a class of sources was last told of. */
  readonly toldAt: Partial<Record<AlarmClass, Moment>>;
}

/** One false alarm a container and day. */
export const defaultAlarmsPerDay = 1;

/** What a person may set. */
export const alarmsPerDayBounds = { least: 0.01, most: 100 } as const;

/** False alarms that are remembered. */
export const mostMarked = 64;

const dayMs: Milliseconds = 86_400_000;

/** What comes within ten minutes is the same episode, and within a class the same incident. */
const episodeMs: Milliseconds = 600_000;

/** How much an alarm lowers the logarithm of the threshold: to a twentieth. */
export const alarmStep = 3;

/**
 * All senses together say least of what is wrong, so what they tell must not silence those that say more
 * for a day. It lowers the threshold of that source alone, which earns a quarter of the budget in time; so
 * its alarms come on top, a quarter of the budget at most in the long run.
 */
const togetherShare = 1 / 4;

/** Quiet time may raise the threshold to three times the even share, since others did not use theirs. */
export const highestCorrection = Math.log(3);

/** Nothing watched. */
export function createAlarmBudget(alarmsPerDay = defaultAlarmsPerDay): AlarmBudget {
  const none = (): SourceBudget => ({ history: [], open: undefined });
  return {
    alarmsPerDay,
    watchedMs: 0,
    sources: {
      cpu: none(),
      memory: none(),
      processes: none(),
      sent: none(),
      received: none(),
      block: none(),
      calls: none(),
      'rare-calls': none(),
      'familiar-calls': none(),
      'call-mix': none(),
      names: none(),
      together: none(),
    },
    correction: -alarmStep,
    togetherCorrection: 0,
    alarms: [],
    markedFalse: [],
    toldAt: {},
  };
}

/** The history of a source as `rateOf` takes it; `ownMs` where it was watched for less than the workload. */
export function watchedOf(budget: AlarmBudget, source: AlarmSource, ownMs?: Milliseconds): Watched {
  const { watchedMs, sources } = budget;
  // What is too old is let go of only when another is added.
  const history = sources[source].history.filter(({ atMs }) => watchedMs - atMs <= memoryMs);
  return { history, watchedMs, ownMs, priorMs: priorMsOf(source) };
}

/**
 * The rate, in episodes a millisecond, from which down an episode of the source is rare enough to be told;
 * without one, of a source that knows the workload's own history alone.
 */
export function thresholdOf(budget: AlarmBudget, source: AlarmSource = 'cpu'): number {
  const { alarmsPerDay, correction, togetherCorrection } = budget;
  const own = source === 'together' ? togetherCorrection : 0;
  return (alarmsPerDay / dayMs) * shareOf(source) * Math.exp(correction + own);
}

/**
 * Lets `ms` of judged container time pass. The logarithm of the threshold rises by three times what the
 * budget earns in it, as it falls by three with each alarm: the quantile tracking of adaptive conformal
 * inference (Gibbs and Candès, NeurIPS 2021; in this form Angelopoulos, Candès, Tibshirani, NeurIPS
 * 2023). It begins as if there had been an alarm just now. So whatever the data do, the alarms of any
 * time T from the beginning on number at most
 *
 *     budget · T + ln(even share / least rate that could be claimed) / 3,
 *
 * since for one more the threshold would have had to be above every rate that there is. Those of all senses
 * together have an account of their own, and come to at most a quarter of the first, and the second and
 * one more.
 */
export function watchOn(budget: AlarmBudget, ms: Milliseconds): void {
  budget.watchedMs += ms;
  const earned = (alarmStep * budget.alarmsPerDay * ms) / dayMs;
  budget.correction = Math.min(highestCorrection, budget.correction + earned);
  const own = budget.togetherCorrection + togetherShare * earned;
  budget.togetherCorrection = Math.min(0, own);
}

/** An episode as a detector sees it at one moment. */
export interface Episode {
  readonly source: AlarmSource;
  /** See `PastEpisode`; the most so far. */
  readonly strength: number;
  /** Tells the episodes of a source apart. */
  readonly onsetAt: Moment;
  readonly at: Moment;
  /**
   * For how long the workload has been watched by this source, where it keeps account of that. It may be
   * younger than the workload's history: its sensor came later, or it is new in this Sentra.
   */
  readonly ownMs?: Milliseconds | undefined;
}

/** What the budget says of an episode. */
export interface Ruling {
  /** Whether it is an alarm; otherwise it is recorded and nobody is told. */
  readonly told: boolean;
  /** How often there is one as strong, by the workload's own history: once in so long. */
  readonly onceInMs: Milliseconds;
}

/**
 * Rules on an episode, again and again while it lasts. One that goes on, or comes again within ten
 * minutes, is counted once, with its greatest strength, and told once. What was told stays told while
 * its onset is the same.
 */
export function ruleOn(budget: AlarmBudget, episode: Episode): Ruling {
  const { source, at, onsetAt, ownMs } = episode;
  const strength = Math.max(0, episode.strength);
  const own = budget.sources[source];
  if (own.open !== undefined && Math.abs(at - own.open.lastAt) > episodeMs) {
    addEpisode(own.history, own.open);
    own.open = undefined;
  }
  own.open ??= { atMs: budget.watchedMs, strength, lastAt: at, toldOnset: undefined };
  const { open } = own;
  open.lastAt = at;
  open.strength = Math.max(open.strength, strength);
  const rate = rateOf(watchedOf(budget, source, ownMs), open.strength);
  const onceInMs = 1 / rate;
  if (open.toldOnset !== undefined) return { told: open.toldOnset === onsetAt, onceInMs };
  if (isSameIncident(budget, source, at) || rate > thresholdOf(budget, source))
    return { told: false, onceInMs };
  open.toldOnset = onsetAt;
  budget.toldAt[classOf(source)] = at;
  correct(budget, source, -alarmStep);
  countAlarm(budget.alarms, budget.watchedMs);
  return { told: true, onceInMs };
}

/** An alarm of the source was told, or called false, or that was taken back. */
function correct(budget: AlarmBudget, source: AlarmSource, step: number): void {
  if (source === 'together') {
    budget.togetherCorrection = Math.min(0, budget.togetherCorrection + step);
  } else budget.correction = Math.min(highestCorrection, budget.correction + step);
}

/** Whether a source of the class was told of just now; of all senses together, whether any was. */
function isSameIncident({ toldAt }: AlarmBudget, source: AlarmSource, at: Moment): boolean {
  const told = source === 'together' ? Object.values(toldAt) : [toldAt[classOf(source)]];
  return told.some((each) => each !== undefined && Math.abs(at - each) <= episodeMs);
}

/** An alarm that the budget does not rule on was told. */
export function countBeside(budget: AlarmBudget): void {
  countAlarm(budget.alarms, budget.watchedMs);
}

/** An alarm that a person calls false. */
export interface FalseAlarm {
  /** The finding's id. */
  readonly finding: string;
  readonly onsetAt: Moment;
}

/**
 * A person called an alarm of the source false. It counts once more, both for the workload, whose
 * threshold falls again, and for the source, in whose history its episode stands twice. Once for a
 * finding.
 */
export function countFalse(
  budget: AlarmBudget,
  source: AlarmSource,
  { finding, onsetAt }: FalseAlarm,
): void {
  if (budget.markedFalse.some((marked) => marked.finding === finding)) return;
  const atMs = budget.watchedMs;
  const own = budget.sources[source];
  addEpisode(own.history, { atMs, strength: strengthOfTold(own, onsetAt) });
  correct(budget, source, -alarmStep);
  const { markedFalse } = budget;
  while (markedFalse[0] !== undefined && atMs - markedFalse[0].atMs > memoryMs) markedFalse.shift();
  if (markedFalse.length === mostMarked) markedFalse.shift();
  markedFalse.push({ atMs, finding });
}

/** Of the episode that was told of with this onset; of the latest where that is no longer known. */
function strengthOfTold({ open, history }: SourceBudget, onsetAt: Moment): number {
  const isTold = ({ toldOnset }: { readonly toldOnset?: Moment | undefined }): boolean =>
    toldOnset !== undefined && Math.round(toldOnset) === onsetAt;
  if (open !== undefined && isTold(open)) return open.strength;
  const told = history.findLast(isTold) ?? open ?? history.at(-1);
  return told?.strength ?? 0;
}

/**
 * The person took it back: the threshold rises by what it fell, and the episode stands once again. What
 * is given back was taken, so the bound of `watchOn` holds; quiet time that the highest correction cut
 * off is not had by it. One that is forgotten, for it is a month ago, counts no more in any case.
 */
export function uncountFalse(budget: AlarmBudget, source: AlarmSource, finding: string): void {
  const { markedFalse } = budget;
  const own = markedFalse.findIndex((marked) => marked.finding === finding);
  const index = own < 0 ? markedFalse.findLastIndex((marked) => marked.finding === '') : own;
  const marked = markedFalse[index];
  if (marked === undefined) return;
  markedFalse.splice(index, 1);
  const { history } = budget.sources[source];
  const episode = history.findIndex(({ atMs }) => atMs === marked.atMs);
  if (episode >= 0) history.splice(episode, 1);
  correct(budget, source, alarmStep);
}
