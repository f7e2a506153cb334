import { blendOf, mixDistance, nearestBlend, sumOf } from '../../stats/mix.ts';
import type { Milliseconds } from '../../model/time.ts';
import { classOfCall } from './call-class.ts';

/** A mix of calls that a workload makes at one kind of its work. */
export interface KnownMix {
  /** The share of each kind, by its place in `kinds`; they add up to 1. */
  shares: Float32Array;
  /** Half minutes that it was drawn from. */
  weight: number;
}

/**
 * The mixes of calls that are normal for a workload: one for each kind of work it has been seen at.
 * Containers of one workload share them. The serialised form is `PackedMixes`.
 */
export interface LearnedMixes {
  /** The place of each kind of call in a vector of counts; place 0 is of all for which there is no room. */
  readonly kinds: Map<string, number>;
  readonly known: KnownMix[];
  /** How much was watched. */
  watchedMs: Milliseconds;
  /** The largest distance that both halves of any minute had from what was known by then; see `farthestOf`. */
  readonly farthest: Farthest;
  /** How far another container of the image went, and in how much watching; 0 without one. */
  readonly prior: { readonly distance: number; readonly watchedMs: Milliseconds };
}

/** Of two turns of watching: the one that goes on, and the one before it. */
interface Farthest {
  beforeSinceMs: Milliseconds;
  before: number;
  sinceMs: Milliseconds;
  now: number;
}

/** Kinds that are told apart: a container makes 40 to 70 that count here. */
export const mostKinds = 128;

/** Mixes that are told apart; beyond, the two nearest become one. */
export const mostMixes = 12;

/** A kind of work is followed as it changes over this many half minutes: an hour. */
const memoryHalves = 120;

/**
 * What is known of a mix after so few calls as this is worth half: calls come in bursts, and a command
 * makes a hundred at once, so that this many are ten things done.
 */
export const doubtCalls = 1_000;

/** Half a minute nearer than this to a known mix is the same kind of work. */
const sameDistance = 0.03;

const firstTurnMs: Milliseconds = 30 * 60_000;
const longestTurnMs: Milliseconds = 7 * 86_400_000;

/** Nothing learned. */
export function createLearnedMixes(): LearnedMixes {
  return {
    kinds: new Map(),
    known: [],
    watchedMs: 0,
    farthest: { beforeSinceMs: 0, before: 0, sinceMs: 0, now: 0 },
    prior: { distance: 0, watchedMs: 0 },
  };
}

/**
 * Nothing watched of its own, but the mixes of a `sibling` of the same image, and how far it went from
 * what was known: that counts until its own history is as long, seven days at most.
 */
export function createMixesAfter(sibling: LearnedMixes): LearnedMixes {
  const learned = unpackMixes(packMixes(sibling));
  const watchedMs = Math.min(longestTurnMs, Math.max(sibling.watchedMs, sibling.prior.watchedMs));
  const prior = { distance: farthestOf(sibling), watchedMs };
  return { ...createLearnedMixes(), kinds: learned.kinds, known: learned.known, prior };
}

/**
 * The place of a kind of call in the vectors; undefined for those that are left out: internal ones say
 * nothing of what is done, grave ones are looked at one by one.
 */
export function placeOf({ kinds }: LearnedMixes, name: string): number | undefined {
  const known = kinds.get(name);
  if (known !== undefined) return known;
  if (classOfCall(name) !== 'outward') return undefined;
  if (kinds.size >= mostKinds - 1) return 0;
  const place = kinds.size + 1;
  kinds.set(name, place);
  return place;
}

/** What lies nearest to some counts: the shares of a known mix or of a blend of two, and how far. */
export interface NearestMix {
  readonly shares: Float32Array;
  readonly distance: number;
  readonly isBlend: boolean;
}

/**
 * The known mix that lies nearest to the counts of half a minute; undefined where none is known. Where
 * it is farther than `enough`, blends of it with each other one count too: work that goes on beside
 * other work, or follows it within the half minute, is no new work.
 */
export function nearestMix(
  { known }: LearnedMixes,
  counts: ArrayLike<number>,
  enough = 1,
): NearestMix | undefined {
  const total = sumOf(counts);
  let nearest: NearestMix | undefined;
  for (const { shares } of known) {
    const distance = mixDistance(counts, total, shares, doubtCalls);
    if (nearest === undefined || distance < nearest.distance)
      nearest = { shares, distance, isBlend: false };
  }
  if (nearest === undefined || nearest.distance <= enough) return nearest;
  let best = nearest;
  for (const { shares } of known) {
    if (shares === nearest.shares) continue;
    const blend = nearestBlend(counts, total, [nearest.shares, shares], doubtCalls);
    if (blend.distance < best.distance) best = { ...blend, isBlend: true };
  }
  return best;
}

/** Learns that the mix of half a minute is normal. One without calls is no mix. */
export function learnMix(learned: LearnedMixes, counts: ArrayLike<number>): void {
  const total = sumOf(counts);
  if (total <= 0) return;
  const nearest = nearestMix(learned, counts);
  const half = sharesOf(counts, total);
  if (nearest === undefined || nearest.distance >= sameDistance) {
    learned.known.push({ shares: half, weight: 1 });
    if (learned.known.length > mostMixes) joinNearest(learned.known);
    return;
  }
  const mix = learned.known.find(({ shares }) => shares === nearest.shares);
  if (mix === undefined) return;
  mix.weight = Math.min(memoryHalves, mix.weight + 1);
  // One of few calls moves it less.
  mix.shares = blendOf(mix.shares, half, total / (total + doubtCalls) / mix.weight);
}

/** Lets `ms` of watching pass, and with it what was long ago. */
export function watchMixes(learned: LearnedMixes, ms: Milliseconds): void {
  const { farthest } = learned;
  learned.watchedMs += ms;
  const { sinceMs } = farthest;
  const turnMs = Math.min(longestTurnMs, Math.max(firstTurnMs, sinceMs));
  if (learned.watchedMs < sinceMs + turnMs) return;
  farthest.beforeSinceMs = sinceMs;
  farthest.before = farthest.now;
  farthest.sinceMs = learned.watchedMs;
  farthest.now = 0;
}

/** A minute was so far from what was known by then. */
export function noteDistance({ farthest }: LearnedMixes, distance: number): void {
  farthest.now = Math.max(farthest.now, distance);
}

/**
 * The largest distance that a minute had from all that was known by then, over at least the later half
 * of what was watched, two weeks at most. What the first minutes were far from was hardly known yet, and
 * says nothing about now: so turns double in length, and the latest two of them count.
 */
export function farthestOf({ farthest, prior, watchedMs }: LearnedMixes): number {
  const own = Math.max(farthest.before, farthest.now);
  return watchedMs < prior.watchedMs ? Math.max(own, prior.distance) : own;
}

/** Of how much watching `farthestOf` is. */
export function farthestSpanOf({ farthest, watchedMs }: LearnedMixes): Milliseconds {
  return watchedMs - farthest.beforeSinceMs;
}

function sharesOf(counts: ArrayLike<number>, total: number): Float32Array {
  const shares = new Float32Array(counts.length);
  for (let at = 0; at < counts.length; at += 1) shares[at] = (counts[at] ?? 0) / total;
  return shares;
}

/** Makes one of the two that lie nearest to each other. */
function joinNearest(known: KnownMix[]): void {
  let nearest = { one: 0, other: 1, distance: Infinity };
  for (const [other, { shares }] of known.entries()) {
    for (let one = 0; one < other; one += 1) {
      const distance = mixDistance(shares, 1, known[one]?.shares ?? [], 0);
      if (distance < nearest.distance) nearest = { one, other, distance };
    }
  }
  const [one, other] = [known[nearest.one], known[nearest.other]];
  if (one === undefined || other === undefined) return;
  const weight = one.weight + other.weight;
  one.shares = blendOf(one.shares, other.shares, other.weight / weight);
  one.weight = Math.min(memoryHalves, weight);
  known.splice(nearest.other, 1);
}

/** What was learned as JSON. */
export interface PackedMixes {
  /** In the order of their places, from place 1 on. */
  readonly kinds: readonly string[];
  /** Weight, and pairs of place and share in hundred thousandths. */
  readonly known: readonly (readonly [number, readonly (readonly [number, number])[]])[];
  readonly watchedMs: number;
  readonly farthest: Readonly<Farthest>;
  readonly prior: { readonly distance: number; readonly watchedMs: number };
}

const grain = 100_000;

/** For the store. */
export function packMixes({ kinds, known, watchedMs, farthest, prior }: LearnedMixes): PackedMixes {
  return {
    kinds: [...kinds.keys()],
    known: known.map(({ weight, shares }) => [weight, packShares(shares)] as const),
    watchedMs,
    farthest: { ...farthest },
    prior: { ...prior },
  };
}

function packShares(shares: Float32Array): readonly (readonly [number, number])[] {
  const pairs: [number, number][] = [];
  for (const [place, share] of shares.entries()) {
    const parts = Math.round(share * grain);
    if (parts > 0) pairs.push([place, parts]);
  }
  return pairs;
}

/** From the store; places that are no kind's are left out. */
export function unpackMixes(packed: PackedMixes): LearnedMixes {
  const names = packed.kinds.slice(0, mostKinds - 1);
  const known = packed.known.slice(0, mostMixes).map(([weight, pairs]) => {
    const shares = new Float32Array(names.length + 1);
    for (const [place, parts] of pairs) if (place < shares.length) shares[place] = parts / grain;
    return { weight, shares };
  });
  return {
    kinds: new Map(names.map((name, at) => [name, at + 1])),
    known,
    watchedMs: packed.watchedMs,
    farthest: { ...packed.farthest },
    prior: { ...packed.prior },
  };
}
