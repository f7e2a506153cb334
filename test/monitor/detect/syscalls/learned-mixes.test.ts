import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  createLearnedMixes,
  createMixesAfter,
  farthestOf,
  farthestSpanOf,
  learnMix,
  mostKinds,
  mostMixes,
  nearestMix,
  noteDistance,
  packMixes,
  placeOf,
  unpackMixes,
  watchMixes,
  type LearnedMixes,
} from '../../../../monitor/detect/syscalls/learned-mixes.ts';

const hour = 3_600_000;

/** The counts of a half minute as a vector. */
function vectorOf(learned: LearnedMixes, counts: Readonly<Record<string, number>>): number[] {
  const vector: number[] = [];
  for (const [name, count] of Object.entries(counts)) {
    const place = placeOf(learned, name);
    if (place !== undefined) vector[place] = (vector[place] ?? 0) + count;
  }
  return Array.from(vector, (count: number | undefined) => count ?? 0);
}

const editing = { read: 3_000, openat: 900, close: 1_000 };
const compiling = { read: 9_000, write: 4_000, execve: 300, unlink: 500 };

describe('the mixes of calls that are known of a workload', () => {
  it('are one for each kind of work, to which the same work is near again', () => {
    const learned = createLearnedMixes();
    for (let turn = 0; turn < 20; turn += 1) {
      learnMix(learned, vectorOf(learned, turn % 2 === 0 ? editing : compiling));
    }
    expect(learned.known).toHaveLength(2);
    const again = vectorOf(learned, { read: 3_100, openat: 880, close: 1_010 });
    expect(nearestMix(learned, again)?.distance).toBeLessThan(0.001);
    const other = vectorOf(learned, { sendto: 5_000, read: 1_000 });
    expect(nearestMix(learned, other)?.distance).toBeGreaterThan(0.2);
  });

  it('are told apart from a blend of two of them', () => {
    const learned = createLearnedMixes();
    for (const counts of [editing, compiling]) learnMix(learned, vectorOf(learned, counts));
    const own = nearestMix(learned, vectorOf(learned, editing), 0);
    expect(own).toMatchObject({ isBlend: false });
    const both = {
      read: 12_000,
      openat: 900,
      close: 1_000,
      write: 4_000,
      execve: 300,
      unlink: 500,
    };
    const blend = nearestMix(learned, vectorOf(learned, both), 0.01);
    expect(blend?.isBlend).toBe(true);
    expect(blend?.distance).toBeLessThan(0.01);
  });

  it('leave out internal and grave calls', () => {
    const learned = createLearnedMixes();
    expect(['futex', 'mmap', 'ptrace', 'i386:mount'].map((name) => placeOf(learned, name))).toEqual(
      [undefined, undefined, undefined, undefined],
    );
    expect(learned.kinds.size).toBe(0);
  });

  it('say nothing of few calls: they are near to all', () => {
    const learned = createLearnedMixes();
    learnMix(learned, vectorOf(learned, editing));
    const few = vectorOf(learned, { sendto: 12, connect: 3 });
    expect(nearestMix(learned, few)?.distance).toBeLessThan(0.02);
    const many = vectorOf(learned, { sendto: 12_000, connect: 3_000 });
    expect(nearestMix(learned, many)?.distance).toBeGreaterThan(0.5);
  });

  it('are bounded, and stay what they are when stored and read, whatever is called', () => {
    const name = fc.oneof(fc.constantFrom('read', 'write', 'close', 'sendto'), fc.string());
    const counts = fc.dictionary(name, fc.nat(100_000), { maxKeys: 60 });
    fc.assert(
      fc.property(fc.array(counts, { maxLength: 40 }), (halves) => {
        const learned = createLearnedMixes();
        for (const half of halves) learnMix(learned, vectorOf(learned, half));
        expect(learned.known.length).toBeLessThanOrEqual(mostMixes);
        expect(learned.kinds.size).toBeLessThan(mostKinds);
        for (const { shares } of learned.known) {
          expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 3);
        }
        const packed = packMixes(learned);
        const stored = unpackMixes(JSON.parse(JSON.stringify(packed)) as typeof packed);
        expect(packMixes(stored)).toEqual(packed);
        for (const half of halves.slice(0, 3)) {
          const vector = vectorOf(learned, half);
          const [own, read] = [nearestMix(learned, vector), nearestMix(stored, vector)];
          expect(read?.distance ?? 0).toBeCloseTo(own?.distance ?? 0, 2);
        }
      }),
      { numRuns: 50 },
    );
  });
});

describe('how far a workload went from what was known', () => {
  it('forgets what the first minutes were far from, when as much again has been watched', () => {
    const learned = createLearnedMixes();
    watchMixes(learned, hour / 4);
    noteDistance(learned, 0.7);
    watchMixes(learned, hour / 2);
    noteDistance(learned, 0.1);
    expect(farthestOf(learned)).toBe(0.7);
    watchMixes(learned, hour);
    expect(farthestOf(learned)).toBe(0.1);
  });

  it('covers at least half of what was watched, and two weeks at most', () => {
    const learned = createLearnedMixes();
    const day = 24 * hour;
    for (let watched = 0; watched < 60 * day; watched += hour / 10) {
      watchMixes(learned, hour / 10);
      const span = farthestSpanOf(learned);
      if (learned.watchedMs < 14 * day) {
        expect(span).toBeGreaterThanOrEqual(learned.watchedMs / 2 - hour);
      }
      expect(span).toBeLessThanOrEqual(14 * day + hour);
      if (learned.watchedMs > 14 * day) expect(span).toBeGreaterThanOrEqual(6 * day);
    }
  });

  it('counts for another container of the image until its own history is as long', () => {
    const first = createLearnedMixes();
    learnMix(first, vectorOf(first, editing));
    watchMixes(first, 10 * hour);
    noteDistance(first, 0.3);
    const second = createMixesAfter(first);
    expect(second.known).toHaveLength(1);
    watchMixes(second, 9 * hour);
    expect(farthestOf(second)).toBe(0.3);
    watchMixes(second, 2 * hour);
    expect(farthestOf(second)).toBe(0);
    learnMix(second, vectorOf(second, compiling));
    expect(first.known).toHaveLength(1);
  });
});
