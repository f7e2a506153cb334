import type { BenchResult } from '../result.ts';

/** One public data set that the product's detectors are run over. */
export interface DetectSet {
  /** The name of its folder below `--data`. */
  readonly folder: string;
  run(options: {
    /** The set's folder. */
    readonly data: string;
    /** Where scores and alarms go, the set's own folder; undefined to write none. */
    readonly out: string | undefined;
    readonly short: boolean;
    readonly say: (line: string) => void;
    readonly signal: AbortSignal;
  }): Promise<readonly BenchResult[]>;
}
