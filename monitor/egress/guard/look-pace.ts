import type { Observation } from '../../model/observation.ts';
import type { ContainerId } from '../../model/workload.ts';

/** When the next look is due, in rounds. */
export interface LookPace {
  /** Asked once a round. */
  isDue(): boolean;
  /** Nothing is to be expected: rounds are left out. */
  rest(): void;
  /** Something moved, or may have. */
  stir(): void;
}

/** Looked at in one round of so many. */
const restingRounds = 12;

/** Due with each round until it rests. */
export function createLookPace(): LookPace {
  let left = 0;
  return {
    isDue() {
      if (left === 0) return true;
      left -= 1;
      return false;
    },
    rest() {
      left = restingRounds - 1;
    },
    stir() {
      left = 0;
    },
  };
}

/** What brings interfaces that no wall stands before. */
const hurries: ReadonlySet<string> = new Set(['start', 'restart', 'network-attach']);

/** Whose network is to be looked at because of what was seen: at once, or with the next round. */
export function whenToLook(
  seen: Observation,
): { readonly container: ContainerId; readonly when: 'now' | 'next-round' } | undefined {
  if (seen.kind === 'lifecycle' && hurries.has(seen.event.name)) {
    return { container: seen.container, when: 'now' };
  }
  const sends = seen.kind === 'resource' && (seen.network?.sentPackets ?? 0) > 0;
  return sends ? { container: seen.container, when: 'next-round' } : undefined;
}
