/** What a workload starts when all is well. Each set is bounded; what is beyond is not learned. */
export interface LearnedStarts {
  /** Paths of programs that ran. */
  readonly programs: Set<string>;
  /** `parent > child`, by path; what came from outside has the parent `outside`. */
  readonly pairs: Set<string>;
  /** Where programs made since a container's start ran from: loose folders, or the folder itself. */
  readonly places: Set<string>;
  /** `call program` for calls that some ordinary programs make at their start. */
  readonly calls: Set<string>;
}

const names = ['programs', 'pairs', 'places', 'calls'] as const;

/** Entries of a set. */
export const mostLearnedStarts = 2_000;

/** Nothing learned. */
export function createLearnedStarts(): LearnedStarts {
  return { programs: new Set(), pairs: new Set(), places: new Set(), calls: new Set() };
}

/** Adds an entry, unless the set is full. */
export function learnStart(set: Set<string>, entry: string): void {
  if (set.size < mostLearnedStarts) set.add(entry);
}

/** The sets as JSON. */
export type PackedStarts = Readonly<Record<(typeof names)[number], readonly string[]>>;

/** For storing. */
export function packStarts(learned: LearnedStarts): PackedStarts {
  const { programs, pairs, places, calls } = learned;
  return { programs: [...programs], pairs: [...pairs], places: [...places], calls: [...calls] };
}

/** What `packStarts` gave, read back; nothing learned where an older baseline has none. */
export function unpackStarts(packed: PackedStarts | undefined): LearnedStarts {
  const learned = createLearnedStarts();
  if (packed === undefined) return learned;
  for (const name of names) {
    // A baseline of an earlier Sentra has an arrow between the two of a pair.
    for (const entry of packed[name]) learnStart(learned[name], entry.replace(' → ', ' > '));
  }
  return learned;
}
