import targets from './targets.json' with { type: 'json' };

/** One figure of a bench, as its JSON line holds it. */
export interface BenchResult {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly better: 'lower' | 'higher';
  readonly target: number | null;
  /** Null where there is no target, or where the interval does not tell. */
  readonly met: boolean | null;
  /** The 95 % interval of the value, and from how many measurements. */
  readonly low?: number;
  readonly high?: number;
  readonly n?: number;
}

/** What a bench is called with. */
export interface BenchOptions {
  /** The form that runs within `npm test`: same code, fewer rounds. */
  readonly short: boolean;
  readonly signal: AbortSignal;
  /** The folder with the data sets of others (`detect`); undefined where none was named. */
  readonly data?: string | undefined;
  /** The folder that scores are written to (`detect`); undefined to write none. */
  readonly out?: string | undefined;
  /** The recording to write (`work`) or to judge (`budget`, `incidents`). */
  readonly recording?: string | undefined;
  /** How strong the villains are (`reaction`): `strong` where none was named. */
  readonly strength?: string | undefined;
  /** The one villain to measure (`reaction`), `miner-strong` for example. */
  readonly villain?: string | undefined;
  /** What the containers do (`overhead`), `idle` or `busy`; both where none was named. */
  readonly load?: string | undefined;
  /** Prints a line for people. */
  readonly say: (line: string) => void;
}

/** What a bench was asked for is not there; the message is meant for people. */
export class OptionError extends Error {
  override readonly name = 'OptionError';
}

const table: Readonly<Record<string, Readonly<Record<string, number>>>> = targets;

/** The target of a figure in targets.json; throws for one that is not there. */
export function targetOf(bench: string, figure: string): number {
  const target = table[bench]?.[figure];
  if (target === undefined) throw new Error(`targets.json has no "${figure}" for ${bench}.`);
  return target;
}

/** A figure held against a lower target. */
export function atLeast(
  name: string,
  value: number,
  unit: string,
  target: number | null,
): BenchResult {
  return {
    name,
    value,
    unit,
    better: 'higher',
    target,
    met: target === null ? null : value >= target,
  };
}

/** A figure held against an upper target; undecided while the target lies within its interval. */
export function atMost(
  name: string,
  measured: {
    readonly value: number;
    readonly low?: number;
    readonly high?: number;
    readonly n?: number;
  },
  unit: string,
  target: number | null,
): BenchResult {
  const { low = measured.value, high = measured.value } = measured;
  const met = target === null ? null : high <= target ? true : low > target ? false : null;
  return { name, ...measured, unit, better: 'lower', target, met };
}
