import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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

function detect(signal: AbortSignal) {
  return run({ data, out, short: true, signal, say: (line) => void said.push(line) });
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
    `asd/${folder}manifest.tsv`,
    'name\tlabels\tseries\twindow\nserver\tserver/test_label.txt.gz\t\t10\n',
  );
  put(
    `asd/${folder}server/test.csv.gz`,
    rows.map((value, at) => `${value},${(at * 7) % 13},${value / 2}\n`).join(''),
  );
  put(
    `asd/${folder}server/test_label.txt.gz`,
    rows.map((_, at) => `${at >= 600 && at < 650 ? 1 : 0}\n`).join(''),
  );
}

describe('the bench of the detectors', () => {
  it('runs every set it finds, whatever its halves are called, and writes what it scores', async ({
    signal,
  }) => {
    putNab('heldout/');
    putServers('');
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
    putServers('heldout/');
    const root = data;
    for (const path of ['asd', 'asd/heldout']) {
      data = join(root, path);
      const { results } = await detect(signal);
      expect(results.map(({ name }) => name)).toContain('asd heldout VUS-PR');
    }
    data = root;
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
    await expect(detect(signal)).rejects.toThrow(/smd holds no "manifest.tsv"/);
  });

  it('says which line of which file makes no sense, and which file cannot be read', async ({
    signal,
  }) => {
    putNab(
      'dev/',
      series().map((value, at) => (at === 41 ? 'garbage' : value)),
    );
    await expect(detect(signal)).rejects.toThrow(/one\/jump.csv, line 43: "garbage" is no number/);
    rmSync(join(data, 'nab/dev/data/one'), { recursive: true });
    await expect(detect(signal)).rejects.toThrow(/one\/jump.csv cannot be read: ENOENT/);
  });

  it('says when labels and rows do not belong together', async ({ signal }) => {
    putServers('dev/');
    put('asd/dev/server/test_label.txt.gz', '0\n1\n');
    await expect(detect(signal)).rejects.toThrow(/has 2 labels for 1000 rows/);
  });
});
