import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest';
import { quietSeries } from './quiet-series.ts';
import { rankedSet } from './ranked-set.ts';
import { windowOf } from './usual-window.ts';

let data: string;

beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'sentra-ranked-'));
});
afterEach(() => {
  rmSync(data, { recursive: true, force: true });
});

function put(path: string, text: string): void {
  const file = join(data, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, path.endsWith('.gz') ? gzipSync(text) : text);
}

const next = quietSeries('noisy', 5);
const values = Array.from({ length: 1000 }, (_, at) => next() + (at >= 600 && at < 650 ? 60 : 0));
const label = (at: number): number => (at >= 600 && at < 650 ? 1 : 0);
const metrics = values.map((value, at) => `${value},${(at * 7) % 13}\n`).join('');
const labels = values.map((_, at) => `${label(at)}\n`).join('');

/** The volume and the scores of a half that holds one series. */
async function measure(
  manifest: string,
  signal: AbortSignal,
): Promise<{ readonly volume: number; readonly scores: string }> {
  put('manifest.tsv', manifest);
  const half = { name: 'dev', folder: data };
  const options = { out: data, short: true, say: () => undefined, signal };
  const [figure] = await rankedSet('asd').runHalf(half, options);
  return { volume: figure?.value ?? -1, scores: readFileSync(join(data, 'server.txt'), 'utf8') };
}

describe('labelled series', () => {
  const usual = 'name\tlabels\tseries\twindow\nserver\tserver/test_label.txt.gz\t\t100\n';

  function putPacked(): void {
    put('server/test.csv.gz', metrics);
    put('server/test_label.txt.gz', labels);
  }

  it('are the same packed, plain, with labels by another name, and beside their labels', async ({
    signal,
  }) => {
    putPacked();
    const expected = await measure(usual, signal);
    expect(expected.volume).toBeGreaterThan(0.5);
    put('plain/test.csv', metrics);
    for (const name of ['test_label.txt', 'labels.csv', 'labels.csv.gz']) {
      put(`plain/${name}`, labels);
      const manifest = usual.replace('server/test_label.txt.gz', `plain/${name}`);
      expect(await measure(manifest, signal)).toEqual(expected);
    }
    put('one.csv', values.map((value, at) => `${value},${(at * 7) % 13},${label(at)}\n`).join(''));
    const manifest = usual.replace('server/test_label.txt.gz', 'one.csv');
    expect(await measure(manifest, signal)).toEqual(expected);
  });

  it('are read by the heading of the manifest, whose window may be missing', async ({ signal }) => {
    putPacked();
    const { volume } = await measure(usual, signal);
    const only = 'labels\tname\nserver/test_label.txt.gz\tserver\n';
    expect((await measure(only, signal)).volume).toBe(volume);
    const moved = 'window\tlabels\tname\n10\tserver/test_label.txt.gz\tserver\n';
    const short = await measure(moved, signal);
    expect(short.volume).not.toBe(volume);
    put('server/period.csv', values.map((_, at) => `${at % 10}\n`).join(''));
    const named = usual.replace('\t\t100', '\tserver/period.csv\t');
    expect(await measure(named, signal)).toEqual(short);
  });

  it('end in an error that names what is wrong with them', async ({ signal }) => {
    const wrong = async (message: RegExp, manifest = usual) => {
      await expect(measure(manifest, signal)).rejects.toThrow(message);
    };
    put('server/test_label.txt.gz', labels);
    await wrong(/test_label\.txt\.gz holds labels alone, and no test\.csv\.gz lies beside it/);
    put('server/test.csv.gz', metrics);
    await wrong(/manifest\.tsv, line 2: "2\.5" is no window/, usual.replace('100', '2.5'));
    await wrong(/manifest\.tsv, line 2: "wide" is no number/, usual.replace('100', 'wide'));
    await wrong(/line 2: a name and a labels file are needed/, usual.replace('labels', 'label'));
    put('server/train.csv', '1,2,3\n');
    await wrong(/train\.csv has 3 columns, .*test\.csv\.gz has 2/);
  });
});

test('The window of a series that names none is what the reference evaluator finds', () => {
  const chance = (at: number): number => ((at * 7919) % 997) / 997;
  const series = (rows: number, of: (at: number) => number): number =>
    windowOf(Array.from({ length: rows }, (_, at) => of(at)));
  expect(series(1500, (at) => Math.sin((2 * Math.PI * at) / 48) + 0.3 * chance(at))).toBe(48);
  expect(series(700, chance)).toBe(35);
  expect(series(900, (at) => Number(at % 7 === 0))).toBe(7);
  expect(series(900, (at) => Number(at % 3 === 0))).toBe(6);
  expect(series(900, (at) => Number(at % 4 === 0))).toBe(125);
  expect(series(3900, (at) => Number(at % 390 === 0))).toBe(125);
  expect(series(30_000, (at) => at % 2000)).toBe(125);
  expect(series(300, () => 5)).toBe(125);
  expect(series(3, (at) => at)).toBe(125);
});
