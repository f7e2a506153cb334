import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { run } from '../detect.bench.ts';
import { quietSeries } from './quiet-series.ts';

let data: string;
let out: string;
const said: string[] = [];

beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'sentra-sets-'));
  out = mkdtempSync(join(tmpdir(), 'sentra-scores-'));
  said.length = 0;
});
afterEach(() => {
  for (const folder of [data, out]) rmSync(folder, { recursive: true, force: true });
});

function detect(signal: AbortSignal, short = true) {
  return run({ data, out, short, signal, say: (line) => void said.push(line) });
}

/** What could not be measured, and that nothing was. */
async function problemsOf(signal: AbortSignal): Promise<string> {
  const { results, problems } = await detect(signal);
  expect(results).toEqual([]);
  return problems.join('\n');
}

/** The names of the volumes that were measured. */
async function volumesOf(signal: AbortSignal): Promise<readonly string[]> {
  const { results, problems } = await detect(signal);
  expect(problems).toEqual([]);
  return results.map(({ name }) => name).filter((name) => name.endsWith('VUS-PR'));
}

function put(path: string, text: string): void {
  const file = join(data, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, path.endsWith('.gz') ? gzipSync(text) : text);
}

/** A quiet series of 1,000 values that jumps at 600 for fifty. */
function series(): number[] {
  const next = quietSeries('noisy', 5);
  return Array.from({ length: 1000 }, (_, at) => next() + (at >= 600 && at < 650 ? 60 : 0));
}

function time(at: number): string {
  return new Date(Date.UTC(2026, 0, 1) + 300_000 * at).toISOString().replace('T', ' ').slice(0, 19);
}

function putNab(half: string, cells: readonly (number | string)[] = series()): void {
  const rows = cells.map((cell, at) => `${time(at)},${cell}\n`).join('');
  for (const category of ['one', 'other'])
    put(`nab/${half}data/${category}/jump.csv`, `timestamp,value\n${rows}`);
  const windows = [[`${time(590)}.000000`, `${time(680)}.000000`]];
  put(
    `nab/${half}combined_windows.json`,
    JSON.stringify({ 'one/jump.csv': windows, 'other/jump.csv': windows }),
  );
}

function putServers(folder: string): void {
  const rows = series();
  put(
    `${folder}manifest.tsv`,
    'name\tlabels\tseries\twindow\nserver\tserver/test_label.txt.gz\t\t10\n',
  );
  put(
    `${folder}server/test.csv.gz`,
    rows.map((value, at) => `${value},${(at * 7) % 13},${value / 2}\n`).join(''),
  );
  put(
    `${folder}server/test_label.txt.gz`,
    rows.map((_, at) => `${at >= 600 && at < 650 ? 1 : 0}\n`).join(''),
  );
}

describe('the bench of the detectors', () => {
  it('runs every set it finds, whatever its halves are called, and writes what it scores', async ({
    signal,
  }) => {
    putNab('heldout/');
    putServers('asd/');
    const { results } = await detect(signal);
    const value = (name: string): number => results.find((each) => each.name === name)?.value ?? -1;
    expect(value('nab heldout standard, threshold chosen here')).toBeGreaterThan(80);
    expect(value('asd asd VUS-PR')).toBeGreaterThan(0.5);
    const scores = readFileSync(join(out, 'nab/one/jump.csv'), 'utf8').trim().split('\n');
    expect(scores).toHaveLength(1001);
    expect(scores[0]).toBe('timestamp,anomaly_score');
    expect(readFileSync(join(out, 'asd/server.txt'), 'utf8').trim().split('\n')).toHaveLength(1000);
  });

  it('takes a set alone, or a half of one', async ({ signal }) => {
    putServers('asd/heldout/');
    const root = data;
    for (const path of ['asd', 'asd/heldout']) {
      data = join(root, path);
      const { results } = await detect(signal);
      expect(results.map(({ name }) => name)).toContain('asd heldout VUS-PR');
    }
    data = root;
  });

  it('leaves nothing out where there is nothing else to choose by', async ({ signal }) => {
    putNab('');
    const path = join(data, 'nab/combined_windows.json');
    const windows = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
    writeFileSync(path, JSON.stringify({ 'one/jump.csv': windows['one/jump.csv'] }));
    for (const short of [true, false]) {
      const { results } = await detect(signal, short);
      const names = results.map(({ name }) => name);
      expect(names).toContain('nab nab standard, threshold chosen here');
      expect(names.some((name) => /categories/.test(name))).toBe(false);
    }
    writeFileSync(path, JSON.stringify({ 'one/jump.csv': [] }));
    expect(await problemsOf(signal)).toMatch(/^nab nab: .*combined_windows\.json labels nothing/);
  });

  it('judges no value by what comes after it', async ({ signal }) => {
    const values = series();
    putNab('', values);
    await detect(signal);
    const before = readFileSync(join(out, 'nab/one/jump.csv'), 'utf8').split('\n').slice(0, 601);
    putNab('', [...values.slice(0, 600), ...new Array<number>(400).fill(-1e6)]);
    await detect(signal);
    const since = readFileSync(join(out, 'nab/one/jump.csv'), 'utf8').split('\n').slice(0, 601);
    expect(since).toEqual(before);
  });

  it('says which folder is missing, and which holds no set', async ({ signal }) => {
    await expect(detect(signal)).rejects.toThrow(/holds none of the known data sets: .*nab/);
    data = join(data, 'nowhere');
    await expect(detect(signal)).rejects.toThrow(`There is no folder ${data}.`);
    await expect(run({ short: true, signal, say: () => undefined })).rejects.toThrow('--data');
  });

  it('says what a set lacks', async ({ signal }) => {
    mkdirSync(join(data, 'smd'));
    expect(await problemsOf(signal)).toMatch(/smd holds no "manifest.tsv"/);
  });

  it('says which line of which file makes no sense, and which file cannot be read', async ({
    signal,
  }) => {
    putNab(
      'dev/',
      series().map((value, at) => (at === 41 ? 'garbage' : value)),
    );
    expect(await problemsOf(signal)).toMatch(
      /^nab dev: .*one\/jump.csv, line 43: "garbage" is no number/,
    );
    rmSync(join(data, 'nab/dev/data/one'), { recursive: true });
    expect(await problemsOf(signal)).toMatch(/one\/jump.csv cannot be read: ENOENT/);
  });

  it('says when labels and rows do not belong together', async ({ signal }) => {
    putServers('asd/dev/');
    put('asd/dev/server/test_label.txt.gz', '0\n1\n');
    expect(await problemsOf(signal)).toMatch(/has 2 labels for 1000 rows/);
  });

  it('goes on with all else where one half or one set is wrong', async ({ signal }) => {
    putNab('dev/');
    putNab('heldout/', ['garbage']);
    mkdirSync(join(data, 'smd'));
    putServers('asd/dev/');
    const { results, problems } = await detect(signal);
    expect(problems).toHaveLength(2);
    expect(problems[0]).toMatch(/^nab heldout: .*one\/jump.csv, line 2: "garbage" is no number/);
    expect(problems[1]).toMatch(/smd holds no "manifest.tsv"/);
    const names = results.map(({ name }) => name);
    expect(names).toContain('nab dev standard, across categories');
    expect(names).toContain('asd dev VUS-PR');
    expect(names.some((name) => /heldout|smd/.test(name))).toBe(false);
    expect(existsSync(join(out, 'asd/server.txt'))).toBe(true);
  });

  it('goes on after what nobody thought of, and says where it was', async ({ signal }) => {
    putServers('asd/dev/');
    putNab('dev/');
    mkdirSync(join(out, 'nab/one/jump.csv'), { recursive: true });
    const { results, problems } = await detect(signal);
    expect(problems).toEqual([expect.stringMatching(/^nab dev: EISDIR/)]);
    expect(said.join('\n')).toMatch(/EISDIR.*\n +at /);
    expect(results.map(({ name }) => name)).toContain('asd dev VUS-PR');
  });

  it('says at once where scores have no place', async ({ signal }) => {
    putServers('asd/dev/');
    out = join(data, 'asd/dev/manifest.tsv');
    await expect(detect(signal)).rejects.toThrow(/manifest.tsv cannot hold scores: EEXIST/);
  });

  it('runs a half that is a link, and what several links lead to once', async ({ signal }) => {
    putServers('asd/dev/');
    symlinkSync(join(data, 'asd/dev'), join(data, 'asd/linked'));
    symlinkSync(data, join(data, 'again'));
    expect(await volumesOf(signal)).toEqual(['asd dev VUS-PR', 'asd linked VUS-PR']);
  });

  it('runs all folders that hold a set, and names apart what lies in them', async ({ signal }) => {
    putServers('heldout/asd/');
    putServers('other/asd/');
    expect(await volumesOf(signal)).toEqual(['asd heldout-asd VUS-PR', 'asd other-asd VUS-PR']);
  });

  it('takes a folder for a set by its name only where no set lies below', async ({ signal }) => {
    const root = data;
    data = join(root, 'asd');
    mkdirSync(data);
    put('smd/manifest.tsv', '');
    const { problems } = await detect(signal);
    expect(problems).toEqual([expect.stringMatching(/^smd smd: .*manifest.tsv has no rows/)]);
    data = root;
  });

  it('hears an interruption between two series', async ({ signal: ended }) => {
    putServers('asd/dev/');
    const line = 'server\tserver/test_label.txt.gz\t\t10\n';
    put('asd/dev/manifest.tsv', `name\tlabels\tseries\twindow\n${line.repeat(3)}`);
    const interruption = new AbortController();
    setImmediate(() => {
      interruption.abort('SIGINT');
    });
    const signal = AbortSignal.any([ended, interruption.signal]);
    await expect(detect(signal)).rejects.toBe('SIGINT');
    expect(existsSync(join(out, 'asd/server.txt'))).toBe(false);
  });
});
