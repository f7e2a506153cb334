import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { BenchResult } from '../result.ts';
import type { Half } from './halves.ts';

/** What the run of one half is given. */
export interface HalfOptions {
  /** Where scores and alarms go, the set's own folder; undefined to write none. */
  readonly out: string | undefined;
  readonly short: boolean;
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
}

/** One public data set that the product's detectors are run over. */
export interface DetectSet {
  /** The name of its folder below `--data`. */
  readonly folder: string;
  /** The file that tells a half of it. */
  readonly marker: string;
  /** Figures of others, printed below those of all halves. */
  readonly published?: readonly string[];
  /** What of the judge that makes these figures does not run on live containers; a sentence. */
  readonly notLive?: string;
  /** Runs one half; rejects with a DataSetError where something is wrong with it. */
  readonly runHalf: (half: Half, options: HalfOptions) => Promise<readonly BenchResult[]>;
}

/** Of the sets of series. */
export const seriesNotLive =
  'The core that makes these figures runs on live containers, where it is evidence among other (docs/detectors.md).';

/** Writes a file of scores, and the folders above it; nothing where `out` is undefined. */
export function writeScores(out: string | undefined, name: string, text: string): void {
  if (out === undefined) return;
  const path = join(out, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

/** Gives an interruption a turn to be heard; throws where there was one. */
export async function heed(signal: AbortSignal): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  signal.throwIfAborted();
}
