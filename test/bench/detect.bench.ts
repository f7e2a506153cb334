import { existsSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DataSetError } from './detect/data-set-error.ts';
import type { DetectSet } from './detect/detect-set.ts';
import { set as dnsGraphtunnel } from './detect/dns-graphtunnel.ts';
import { set as dnsQueries } from './detect/dns-queries.ts';
import { halvesOf, placesOf } from './detect/halves.ts';
import { set as nab } from './detect/nab.ts';
import { rankedSet } from './detect/ranked-set.ts';
import { set as shil } from './detect/shil.ts';
import type { BenchOptions, BenchResult } from './result.ts';

export const title =
  'The cores of detection on public data sets, streaming, one set of parameters for all';
export const needsEngine = false;

/** Every public set that the detectors can be run over. */
const sets: readonly DetectSet[] = [
  nab,
  rankedSet('smd'),
  rankedSet('asd'),
  rankedSet('tsb-ad-nab'),
  shil,
  dnsQueries,
  dnsGraphtunnel,
];

function checkedData(data: string | undefined): string {
  if (data === undefined) {
    throw new DataSetError('Say where the data sets are: npm run bench -- detect --data FOLDER.');
  }
  if (!existsSync(data) || !statSync(data).isDirectory()) {
    throw new DataSetError(`There is no folder ${data}.`);
  }
  return data;
}

function checkedOut(out: string | undefined): string | undefined {
  if (out === undefined) return undefined;
  try {
    mkdirSync(out, { recursive: true });
    return out;
  } catch (error) {
    throw new DataSetError(`${out} cannot hold scores: ${messageOf(error)}.`, { cause: error });
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/**
 * Runs every half of every set found below `data`, writes scores below `out`, and prints its figures.
 * What is wrong with one half is among the problems and costs no other half its figures; a half with a
 * problem has none, since a part of it would be no figure of the set. Rejects with a DataSetError where
 * there is no set at all or no place for scores, and with the signal's reason once it is aborted.
 */
export async function run(options: BenchOptions): Promise<{
  readonly results: readonly BenchResult[];
  readonly problems: readonly string[];
}> {
  const data = checkedData(options.data);
  const names = sets.map(({ folder }) => folder);
  const places = placesOf(names, data);
  if (places.size === 0) {
    throw new DataSetError(`${data} holds none of the known data sets: ${names.join(', ')}.`);
  }
  const above = checkedOut(options.out);
  const results: BenchResult[] = [];
  const problems: string[] = [];
  for (const set of sets) {
    const folders = places.get(set.folder);
    if (folders === undefined) continue;
    const halves = halvesOf(set.marker, folders, data);
    const where = folders.join(', ');
    options.say(
      `\n${set.folder} (${where}): ${halves.map(({ name }) => name).join(', ') || 'nothing'}`,
    );
    if (halves.length === 0) {
      problems.push(`${where} holds no "${set.marker}", neither itself nor in a folder below.`);
    }
    const out = above === undefined ? undefined : join(above, set.folder);
    for (const half of halves) {
      try {
        results.push(...(await set.runHalf(half, { ...options, out })));
      } catch (error) {
        if (options.signal.aborted) throw error;
        if (!(error instanceof DataSetError) && error instanceof Error) {
          options.say(error.stack ?? error.message);
        }
        problems.push(`${set.folder} ${half.name}: ${messageOf(error)}`);
      }
    }
    if (set.notLive !== undefined) options.say(`  ${set.notLive}`);
    for (const line of set.published ?? []) options.say(line);
  }
  return { results, problems };
}
