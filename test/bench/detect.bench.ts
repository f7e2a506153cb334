import { existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { DataSetError } from './detect/data-set-error.ts';
import type { DetectSet } from './detect/detect-set.ts';
import { set as dnsGraphtunnel } from './detect/dns-graphtunnel.ts';
import { set as dnsQueries } from './detect/dns-queries.ts';
import { set as nab } from './detect/nab.ts';
import { rankedSet } from './detect/ranked-set.ts';
import { set as shil } from './detect/shil.ts';
import type { BenchOptions, BenchResult } from './result.ts';

export const title = 'The detectors on public data sets, streaming, with the product’s parameters';
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

/**
 * The set's folder below `data`, at most two levels down; `data` itself where it has that name, or is a
 * half in a folder of that name.
 */
function folderOf(set: DetectSet, data: string): string | undefined {
  const path = resolve(data);
  if ([basename(path), basename(dirname(path))].includes(set.folder)) return path;
  const direct = join(data, set.folder);
  if (existsSync(direct)) return direct;
  return readdirSync(data, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(data, entry.name, set.folder))
    .find((folder) => existsSync(folder));
}

function checkedData(data: string | undefined): string {
  if (data === undefined) {
    throw new DataSetError('Say where the data sets are: npm run bench -- detect --data FOLDER.');
  }
  if (!existsSync(data) || !statSync(data).isDirectory()) {
    throw new DataSetError(`There is no folder ${data}.`);
  }
  return data;
}

/** Runs every set found below `data`, writes scores below `out`, and prints its figures. */
export async function run(options: BenchOptions): Promise<{
  readonly results: readonly BenchResult[];
}> {
  const data = checkedData(options.data);
  const results: BenchResult[] = [];
  let found = 0;
  for (const set of sets) {
    const folder = folderOf(set, data);
    if (folder === undefined) continue;
    options.signal.throwIfAborted();
    found += 1;
    const out = options.out === undefined ? undefined : join(options.out, set.folder);
    if (out !== undefined) mkdirSync(out, { recursive: true });
    options.say(`\n${set.folder} (${folder})`);
    results.push(...(await set.run({ ...options, data: folder, out })));
  }
  if (found === 0) {
    const names = sets.map(({ folder }) => folder).join(', ');
    throw new DataSetError(`${data} holds none of the known data sets: ${names}.`);
  }
  return { results };
}
