import type { Milliseconds } from '../../model/time.ts';

/**
 * What is normal for a workload: the most calls of each name it made within a second. Containers of
 * one workload share it. The serialised form is `PackedCalls`.
 */
export interface LearnedCalls {
  readonly tops: Map<string, number>;
  /** How much was seen in all. */
  watchedMs: Milliseconds;
  /** What another container of the same image did. */
  prior: CallPrior | undefined;
}

/**
 * What is known of an image: it counts as known for this workload until its own history is as long,
 * and is forgotten then. It keeps silent about what others of the image do, and claims nothing.
 */
export interface CallPrior {
  readonly tops: ReadonlyMap<string, number>;
  readonly watchedMs: Milliseconds;
}

/** For how long of its own history a workload may lean on its image: seven days. */
const longestPriorMs: Milliseconds = 7 * 86_400_000;

/** As many names as are told apart; the kernel has fewer than 400, with their 32-bit twins fewer than 900. */
const mostNames = 1_000;

/** Nothing learned. */
export function createLearnedCalls(): LearnedCalls {
  return { tops: new Map(), watchedMs: 0, prior: undefined };
}

/** Nothing learned of its own, but all that `sibling` knows as what its image does. */
export function createCallsAfter(sibling: LearnedCalls): LearnedCalls {
  const learned = createLearnedCalls();
  const { prior, tops, watchedMs } = sibling;
  const all = new Map(prior !== undefined && prior.watchedMs > watchedMs ? prior.tops : []);
  for (const [name, top] of tops) all.set(name, Math.max(top, all.get(name) ?? 0));
  const known = Math.min(longestPriorMs, Math.max(watchedMs, prior?.watchedMs ?? 0));
  if (known > 0) learned.prior = { tops: all, watchedMs: known };
  return learned;
}

/** The most calls of this name within a second so far; 0 for one never made. */
export function topOf(learned: LearnedCalls, name: string): number {
  const own = learned.tops.get(name) ?? 0;
  const { prior } = learned;
  if (prior === undefined) return own;
  if (learned.watchedMs >= prior.watchedMs) {
    learned.prior = undefined;
    return own;
  }
  return Math.max(own, prior.tops.get(name) ?? 0);
}

/** Learns that `level` calls within a second are normal. Beyond a thousand names nothing is added. */
export function learnLevel(learned: LearnedCalls, name: string, level: number): void {
  const top = learned.tops.get(name);
  if (top === undefined ? learned.tops.size < mostNames : level > top) {
    learned.tops.set(name, level);
  }
}

/** What was learned as JSON. */
export interface PackedCalls {
  readonly tops: readonly (readonly [string, number])[];
  readonly watchedMs: number;
  readonly prior?: {
    readonly tops: readonly (readonly [string, number])[];
    readonly watchedMs: number;
  };
}

/** For the store. */
export function packCalls({ tops, watchedMs, prior }: LearnedCalls): PackedCalls {
  const packed = { tops: [...tops], watchedMs };
  if (prior === undefined) return packed;
  return { ...packed, prior: { tops: [...prior.tops], watchedMs: prior.watchedMs } };
}

/** From the store. */
export function unpackCalls(packed: PackedCalls): LearnedCalls {
  const { prior } = packed;
  return {
    tops: new Map(packed.tops.slice(0, mostNames)),
    watchedMs: packed.watchedMs,
    prior:
      prior === undefined
        ? undefined
        : { tops: new Map(prior.tops.slice(0, mostNames)), watchedMs: prior.watchedMs },
  };
}
