/** A clock that has come ahead of the time since the machine's start by more was set, milliseconds. */
const jumpMs = 3_600_000;

/** So long a clock that was set ahead has to stay so until it is believed, milliseconds. */
const doubtMs = 24 * 3_600_000;

/** The clocks that are held against each other, milliseconds. */
export interface ComparedClocks {
  /** Wall time. May jump. */
  readonly now: () => number;
  /** Never jumps. */
  readonly sinceBoot: () => number;
}

/**
 * The wall time for what cannot be had back, as deleting by age. A clock that is set ahead while Sentra
 * runs is believed after a day, since it may be wrong; one that is set back at once.
 */
export function createSteadyNow({ now, sinceBoot }: ComparedClocks): () => number {
  let bootedAt = now() - sinceBoot();
  let doubtedSince: number | undefined;
  return () => {
    const passed = sinceBoot();
    const told = now() - passed;
    if (told - bootedAt > jumpMs) {
      doubtedSince ??= passed;
      if (passed - doubtedSince < doubtMs) return bootedAt + passed;
    }
    doubtedSince = undefined;
    bootedAt = told;
    return bootedAt + passed;
  };
}
