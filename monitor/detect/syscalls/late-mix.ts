import type { Moment } from '../../model/time.ts';
import { learnMix, noteDistance, type LearnedMixes } from './learned-mixes.ts';

/**
 * The unusual mix that was told last, kept when it is over: a person who says later that it is normal
 * speaks of it, and not of what the container does by then. What was but recorded is learned in any case.
 */
export interface LateMix {
  readonly onsetAt: Moment;
  /** Counts by place of its latest half minutes, oldest first, `mostHalves` at most. */
  readonly halves: readonly (readonly number[])[];
  readonly farthest: number;
}

/** Two minutes. */
const mostHalves = 4;

/** With what was told just now; `isDue` once in half a minute, so that each is kept once. */
export function keepLate(
  before: LateMix | undefined,
  onsetAt: Moment,
  half: { readonly counts: readonly number[]; readonly distance: number; readonly isDue: boolean },
): LateMix {
  const known = before?.onsetAt === onsetAt ? before : undefined;
  const halves = known?.halves ?? [];
  return {
    onsetAt,
    halves:
      known === undefined || half.isDue ? [...halves, half.counts].slice(-mostHalves) : halves,
    farthest: Math.max(known?.farthest ?? 0, half.distance),
  };
}

/** Learns that it is normal. */
export function learnLate({ halves, farthest }: LateMix, mixes: LearnedMixes): void {
  for (const half of halves) learnMix(mixes, half);
  noteDistance(mixes, farthest);
}
