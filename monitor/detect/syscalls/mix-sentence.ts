import type { Evidence } from '../../model/finding.ts';
import type { Milliseconds, Moment } from '../../model/time.ts';
import { sumOf } from '../../stats/mix.ts';
import { countInWords, shareInWords, spanInWords } from '../words.ts';
import { farthestSpanOf, type LearnedMixes, type NearestMix } from './learned-mixes.ts';
import { plainCall } from './plain-call.ts';

/** A minute whose mix of calls is unlike all that are known. */
export interface UnusualMix {
  /** Counts by place, of the parts of the minute, oldest first, and when each ended. */
  readonly blocks: readonly { readonly at: Moment; readonly counts: readonly number[] }[];
  /** The known mix that lies nearest to it, or to the half of it that is nearer to any. */
  readonly nearest: NearestMix;
  /** For how long the mix has been like that. */
  readonly lastedMs: Milliseconds;
  /** Whether programs ran that never did before. */
  readonly isExplained: boolean;
}

/** A kind of call whose share is another. */
interface Moved {
  readonly name: string;
  readonly share: number;
  readonly usual: number;
  readonly place: number;
}

/** Kinds that are named: of each direction, and in the evidence. */
const mostNamed = 2;
const mostShown = 3;
/** A share that moved by less is not worth a word. */
const leastMove = 0.02;

/** What is said of a minute. */
export interface ToldMix {
  /** Which shares are others, without a full stop. */
  readonly lead: string;
  /** The same, and how rare that is. */
  readonly sentence: string;
  /** Whether no share moved by so much that it is named. */
  readonly isSmall: boolean;
  /** The shares that moved most. */
  readonly evidence: readonly Evidence[];
}

/** What is said of the minute, and the shares that moved most as evidence. */
export function tellMix(mixes: LearnedMixes, unusual: UnusualMix): ToldMix {
  const moved = movedIn(mixes, unusual);
  const grown = moved.filter(({ share, usual }) => share - usual >= leastMove);
  const shrunk = moved.filter(({ share, usual }) => usual - share >= leastMove);
  const lead = leadFor(mixes, unusual, grown, shrunk);
  return {
    lead,
    sentence: `${lead}. ${recordFor(mixes, unusual)}`,
    isSmall: grown.length + shrunk.length === 0,
    evidence: moved.slice(0, mostShown).map(({ name, share, place }) => {
      const shares = mixes.known.map((known) => known.shares[place] ?? 0);
      return {
        series: `${name} as a share of outward calls`,
        unit: 'share',
        observed: share,
        expected: { low: Math.min(...shares), high: Math.max(...shares) },
        recent: unusual.blocks.map(({ at, counts }) => ({
          at,
          value: (counts[place] ?? 0) / Math.max(1, sumOf(counts)),
        })),
      };
    }),
  };
}

function callsIn(blocks: UnusualMix['blocks']): number {
  return blocks.reduce((sum, { counts }) => sum + sumOf(counts), 0);
}

/** Every kind, those whose share moved most first. */
function movedIn({ kinds }: LearnedMixes, { blocks, nearest }: UnusualMix): Moved[] {
  const total = Math.max(1, callsIn(blocks));
  const shareOf = (place: number): number =>
    blocks.reduce((sum, { counts }) => sum + (counts[place] ?? 0), 0) / total;
  const moved = [...kinds].map(([name, place]) => ({
    name: `\`${plainCall(name)}\``,
    share: shareOf(place),
    usual: nearest.shares[place] ?? 0,
    place,
  }));
  moved.push({
    name: 'other kinds',
    share: shareOf(0),
    usual: nearest.shares[0] ?? 0,
    place: 0,
  });
  return moved.sort(
    (one, other) => Math.abs(other.share - other.usual) - Math.abs(one.share - one.usual),
  );
}

/** In the last minute 41 % of its 24 000 outward calls were `sendto`, where the nearest of its 5 mixes has 2 %. */
function leadFor(
  mixes: LearnedMixes,
  { blocks, nearest }: UnusualMix,
  grown: readonly Moved[],
  shrunk: readonly Moved[],
): string {
  const { known } = mixes;
  const oneOf = nearest.isBlend ? 'the most alike blend of two' : 'the most alike';
  const usual =
    known.length === 1 ? 'its usual mix' : `${oneOf} of its ${known.length} usual mixes`;
  const [first, ...others] = [...grown.slice(0, mostNamed), ...shrunk.slice(0, mostNamed)];
  const calls = `its ${countInWords(callsIn(blocks))} outward calls`;
  const lead =
    first === undefined
      ? `In the last minute the shares of ${calls} were unlike ${usual} in many small ways`
      : `In the last minute ${shareInWords(first.share)} of ${calls} were ${first.name}, where ${usual} has ` +
        shareInWords(first.usual);
  const also = others.map(
    (each) => `${each.name} ${shareInWords(each.share)} in place of ${shareInWords(each.usual)}`,
  );
  const more = also.length === 0 ? '' : `; ${also.join(', ')}`;
  return `${lead}${more}`;
}

function recordFor(mixes: LearnedMixes, { lastedMs, isExplained }: UnusualMix): string {
  const why = isExplained ? ' Programs that are new to it began shortly before.' : '';
  return (
    `So for ${spanInWords(lastedMs)}; in ${spanInWords(farthestSpanOf(mixes))} of watching no ` +
    `ordinary minute was this far from what was known by then.${why}`
  );
}
