import { partsOf } from '../../../monitor/detect/finding-source.ts';
import type { Finding } from '../../../monitor/model/finding.ts';

/** The figures of a sentence, by what they are called in the pattern that found them. */
export type Figures = Readonly<Record<string, string | undefined>>;

/** What a right explanation of an incident says. */
export interface Claim {
  /** The series that the finding is about. */
  readonly series: string;
  /** What is moved, and which way, in the words of the sentence, with the figures as named groups. */
  readonly says: RegExp;
  /** What was injected, and between which shares of it the sentence has to be; without, it has no figure. */
  readonly injected?: {
    readonly amount: number;
    readonly least: number;
    readonly most: number;
    /** What the sentence makes of it; the group `amount` unless said otherwise. */
    readonly told?: (figures: Figures) => number;
  };
}

/** Why a finding says none of the claims; undefined where it says one. Of several the first is told. */
export function wrongIn(finding: Finding, claims: readonly Claim[]): string | undefined {
  const wrong = claims.map((claim) => wrongFor(finding, claim));
  return wrong.includes(undefined) ? undefined : (wrong[0] ?? 'explains nothing of the kind');
}

function wrongFor(finding: Finding, claim: Claim): string | undefined {
  const { series } = partsOf(finding.id);
  if (series !== claim.series) return `is about ${series} in place of ${claim.series}`;
  const [shown] = finding.evidence;
  if (shown?.expected !== undefined && !(shown.observed > shown.expected.high)) {
    return 'shows nothing beyond what is expected';
  }
  const match = claim.says.exec(finding.sentence);
  if (match === null) return `does not say ${claim.says.source}`;
  if (claim.injected === undefined) return undefined;
  const { amount, least, most, told = amountIn } = claim.injected;
  const share = told(match.groups ?? {}) / amount;
  if (share >= least && share <= most) return undefined;
  return `tells ${(100 * share).toFixed(0)} % of what was injected`;
}

function amountIn(figures: Figures): number {
  return quantityIn(figures['amount']);
}

const units: Readonly<Record<string, number>> = { B: 1, kB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12 };

/** A quantity as findings write it, in its base unit: `1.5 MB`, `0.30 cores`, `12 345`, `once`. */
export function quantityIn(words: string | undefined): number {
  if (words === 'once' || words === 'a') return 1;
  const match = /^(?<figures>\d[\d ]*(?:\.\d+)?) ?(?<unit>[kMGT]?B)?(?: cores?)?$/.exec(
    words ?? '',
  );
  if (match === null) return Number.NaN;
  const { figures = '', unit } = match.groups ?? {};
  return (
    Number(figures.replaceAll(' ', '')) * (unit === undefined ? 1 : (units[unit] ?? Number.NaN))
  );
}

const spans: Readonly<Record<string, number>> = { s: 1, min: 60, h: 3600 };

/** A span of time as findings write it, in seconds: `2 min 5 s`. */
export function secondsIn(words: string | undefined): number {
  const parts = [...(words ?? '').matchAll(/(?<number>[\d.]+) (?<unit>s|min|h)\b/g)];
  if (parts.length === 0) return Number.NaN;
  return parts.reduce(
    (sum, { groups }) => sum + Number(groups?.['number']) * (spans[groups?.['unit'] ?? ''] ?? 0),
    0,
  );
}

/** A quantity in a sentence, for use as a named group of a pattern. */
export const quantity = String.raw`\d[\d ]*(?:\.\d+)?(?: (?:[kMGT]?B|cores?))?`;

/** A span of time in a sentence, likewise. */
export const span = String.raw`[\d.]+ (?:s|min|h)(?: \d+ (?:s|min))?`;
