import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { DataSetError } from './data-set-error.ts';
import { parsedFile } from './json-file.ts';
import type { NabLabels } from './nab-score.ts';
import { numberIn, rowsOf } from './number-table.ts';

/** One series of the benchmark. */
export interface NabSeries {
  /** As the benchmark names it: category/file.csv. */
  readonly file: string;
  readonly category: string;
  readonly times: readonly string[];
  readonly values: Float64Array;
  readonly labels: NabLabels;
}

/** The file that tells a half of the benchmark. */
export const nabMarker = 'combined_windows.json';

const windowsSchema = z.record(z.string(), z.array(z.tuple([z.string(), z.string()])));
const publishedSchema = z.record(
  z.string(),
  z.record(z.string(), z.union([z.record(z.string(), z.number()), z.array(z.unknown())])),
);

/** Times are told apart to the second; the two files write them differently. */
function second(time: string): string {
  return time.trim().replace('T', ' ').slice(0, 19);
}

/** Every series of a half, by name; an error that names the file where one is not as it should be. */
export function readNab(folder: string): readonly NabSeries[] {
  const marker = join(folder, nabMarker);
  const windows = parsedFile(windowsSchema, marker);
  if (Object.values(windows).every((labelled) => labelled.length === 0)) {
    throw new DataSetError(`${marker} labels nothing.`);
  }
  return Object.entries(windows)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([file, labelled]) => {
      const path = join(folder, 'data', file);
      const rows = rowsOf(path, ',');
      const times = rows.map(([time]) => second(time ?? ''));
      const placeOf = new Map<string, number>();
      times.forEach((time, at) => {
        if (!placeOf.has(time)) placeOf.set(time, at);
      });
      const place = (time: string): number => {
        const at = placeOf.get(second(time));
        if (at === undefined)
          throw new DataSetError(`${path} has no row of ${time}, which ${marker} names.`);
        return at;
      };
      return {
        file,
        category: dirname(file),
        times,
        values: Float64Array.from(rows, ([, cell], at) => numberIn(path, at + 2, cell)),
        labels: {
          rows: rows.length,
          windows: labelled.map(([from, to]) => [place(from), place(to)] as const),
        },
      };
    });
}

/** Scores of known detectors on a half, with the threshold chosen on it, where the set holds them. */
export function publishedNab(
  folder: string,
  half: string,
): ReadonlyMap<string, Readonly<Record<string, number>>> {
  const path = join(dirname(folder), 'published', 'per_split_and_category.json');
  const found = new Map<string, Readonly<Record<string, number>>>();
  if (!existsSync(path)) return found;
  const published = parsedFile(publishedSchema, path);
  const split = half.startsWith('held') ? 'held' : half;
  for (const [detector, bySplit] of Object.entries(published)) {
    const scores = bySplit[split];
    if (scores !== undefined && !Array.isArray(scores)) found.set(detector, scores);
  }
  return found;
}
