import type { Milliseconds, Moment } from '../../model/time.ts';

/** One stretch in which a source went beyond all that it had known. */
export interface PastEpisode {
  /** Container time watched when it began. */
  readonly atMs: Milliseconds;
  /**
   * How far beyond: the logarithm of the ratio to the most there ever was; at least 0. Whatever is
   * measured, it has no unit, and 0.69 is twice as much as ever.
   */
  readonly strength: number;
  /** The onset of what was told of in it; undefined where nothing was. */
  readonly toldOnset?: Moment | undefined;
}

/** The latest episodes of one source, oldest first; at most `mostEpisodes`. */
export type EpisodeHistory = PastEpisode[];

/** Container time after which an episode counts no more: what was usual a month ago may not be now. */
export const memoryMs: Milliseconds = 30 * 86_400_000;

/** Of a restless source the latest so many say enough. */
export const mostEpisodes = 64;

/**
 * Seconds of one container depend on each other, for work comes in stretches. Stretches of two minutes
 * are taken to be the least that can be independent.
 */
const stretchMs: Milliseconds = 120_000;

/** Before any was seen episodes go beyond by twice on average; that counts as much as four of them. */
const prior = { strength: Math.LN2, weight: 4 } as const;

/** What an episode is held against: the history of its source, and how long that has been watched. */
export interface Watched {
  readonly history: EpisodeHistory;
  readonly watchedMs: Milliseconds;
  /** How long of it the source itself was watched; the same where undefined. */
  readonly ownMs?: Milliseconds | undefined;
  /** Time without an episode that counts as watched; see `priorMsOf`. */
  readonly priorMs: Milliseconds;
}

/** Over how much container time the episodes in the history are spread. */
function spanOf({ history, watchedMs, ownMs = watchedMs, priorMs }: Watched): Milliseconds {
  const kept = Math.min(watchedMs, ownMs, memoryMs) + priorMs;
  const [oldest] = history;
  if (oldest === undefined || history.length < mostEpisodes) return kept;
  return Math.max(stretchMs, Math.min(kept, watchedMs - oldest.atMs));
}

/** Adds an episode and lets go of what is too old. */
export function addEpisode(history: EpisodeHistory, episode: PastEpisode): void {
  while (history[0] !== undefined && episode.atMs - history[0].atMs > memoryMs) history.shift();
  if (history.length === mostEpisodes) history.shift();
  history.push(episode);
}

/**
 * The rarest that may be claimed after so much watching, as a rate in episodes a millisecond: with n
 * independent stretches in a time T it is 1 / (T (n + 1)). The next episode sets a record with
 * probability 1 / (n + 1) whatever the distribution (Rényi, "Théorie des éléments saillants d'une
 * suite d'observations", 1962), and a tail drawn from n stretches is trusted for as far again.
 */
export function leastRate(watched: Watched): number {
  const span = spanOf(watched);
  return 1 / (span * (span / stretchMs + 1));
}

/**
 * The scale of the exponential tail: half the mean square over the mean. It is the mean where strengths
 * are exponential, and more where a few are far greater than the rest, which a mean would hide.
 */
function scaleOf(history: EpisodeHistory): number {
  let sum = prior.weight * prior.strength;
  let squares = 2 * prior.weight * prior.strength ** 2;
  for (const { strength } of history) {
    sum += strength;
    squares += strength ** 2;
  }
  return squares / (2 * sum);
}

/**
 * How often the source has, by its own history, an episode at least as strong; in episodes a
 * millisecond of container time.
 *
 * Up to the strongest seen it is counted, the present one in: (1 + k) / T with k at least as strong in
 * the time T, the conformal p-value (Vovk, Gammerman, Shafer 2005) as a rate. Beyond it an exponential
 * tail of the strengths goes on, which is Pareto's for the ratios: peaks over a threshold (Pickands,
 * Annals of Statistics 3, 1975; for streams Siffer et al., KDD 2017), where the threshold is the record
 * and a peak is an episode and not a second, so that persistence is counted once. Never below
 * `leastRate`.
 */
export function rateOf(watched: Watched, strength: number): number {
  const { history } = watched;
  const span = spanOf(watched);
  let stronger = 0;
  let strongest = 0;
  for (const past of history) {
    if (past.strength >= strength) stronger += 1;
    if (past.strength > strongest) strongest = past.strength;
  }
  if (stronger > 0 || strength <= 0) return (1 + stronger) / span;
  const beyond = Math.exp(-(strength - strongest) / scaleOf(history)) / span;
  return Math.max(beyond, leastRate(watched));
}

/**
 * The least strength that is as rare as `rate`, in episodes a millisecond; undefined while nothing is,
 * because too little was watched.
 */
export function strengthFor(watched: Watched, rate: number): number | undefined {
  if (leastRate(watched) > rate) return undefined;
  const span = spanOf(watched);
  const falling = watched.history.map(({ strength }) => strength).sort((one, other) => other - one);
  const counted = Math.floor(rate * span) - 1;
  // Beyond the strongest of those that are one too many.
  if (counted >= 0) return falling[counted] ?? 0;
  return (falling[0] ?? 0) - scaleOf(watched.history) * Math.log(rate * span);
}
