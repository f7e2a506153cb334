import type { Milliseconds } from '../../model/time.ts';

/**
 * What is normal for a workload: the most calls of each name it made within a second. Containers of
 * one workload share it. The serialised form is `PackedCalls`.
 */
export interface LearnedCalls {
  readonly tops: Map<string, number>;
  /** How much was seen in all. */
  watchedMs: Milliseconds;
}

/** As many names as are told apart; the kernel has fewer than 400, with their 32-bit twins fewer than 900. */
const mostNames = 1_000;

/** Nothing learned. */
export function createLearnedCalls(): LearnedCalls {
  return { tops: new Map(), watchedMs: 0 };
}

/** The most calls of this name within a second so far; 0 for one never made. */
export function topOf(learned: LearnedCalls, name: string): number {
  return learned.tops.get(name) ?? 0;
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
}

/** For the store. */
export function packCalls(learned: LearnedCalls): PackedCalls {
  return { tops: [...learned.tops], watchedMs: learned.watchedMs };
}

/** From the store. */
export function unpackCalls(packed: PackedCalls): LearnedCalls {
  return {
    tops: new Map(packed.tops.slice(0, mostNames)),
    watchedMs: packed.watchedMs,
  };
}
