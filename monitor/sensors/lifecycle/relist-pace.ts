import type { Milliseconds } from '../../model/time.ts';

/** What is known of the containers without asking the engine. */
export interface KnownWithoutEngine {
  /** Whether new containers would be found by their cgroups. */
  findsContainers(): boolean;
  /** Whether no container that runs has used CPU for a minute. */
  standsStill(): boolean;
}

/**
 * From one list of the engine's containers to the next, milliseconds, while its events come. A list
 * finds what an event stream that has gone silent kept back. It is most of what Sentra costs the
 * engine, so that it is rarer where new containers would be found without it, and where nothing moves
 * that could have become another's.
 */
export function relistAfterMs(known: KnownWithoutEngine): Milliseconds {
  if (!known.findsContainers()) return 5_000;
  return known.standsStill() ? 20_000 : 10_000;
}
