import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import {
  createLearnedDomains,
  createNameWatch,
  fadedNats,
  judgeName,
  type AskedName,
} from '../../../monitor/detect/dns/name-tunnel.ts';
import { splitName } from '../../../monitor/detect/dns/registered-domain.ts';
import type { BenchResult } from '../result.ts';
import type { DetectSet } from './detect-set.ts';
import { reach, stayBelow } from './dns-figure.ts';
import { halvesOrError, type Half } from './halves.ts';
import { rocLine, rocOf } from './dns-roc.ts';

interface Capture {
  readonly name: string;
  readonly tunnel: boolean;
  readonly asked: readonly AskedName[];
}

/** The largest evidence against any domain that was asked in a window. */
interface Window {
  readonly id: string;
  readonly capture: string;
  readonly tunnel: boolean;
  score: number;
}

/** Every k-th query of a tunnel is kept: the slower, the harder. */
const thinnings = [1, 30, 100];
const minute = 60_000;

const baselines = [
  'baseline, bytes in distinct names      AUC 0.999; every 30th query 0.959, every 100th 0.793 (0.242 found)',
];

function readCaptures(folder: string): readonly Capture[] {
  const [, ...rows] = readFileSync(join(folder, 'manifest.tsv'), 'utf8').trim().split('\n');
  return rows.map((row) => {
    const [name = '', label = ''] = row.split('\t');
    const text = gunzipSync(readFileSync(join(folder, `${name}.tsv.gz`))).toString();
    const [, ...lines] = text.split('\n');
    const asked = lines
      .filter((line) => line !== '')
      .map((line) => line.split('\t'))
      .map(([seconds = '0', question = '']) => ({ at: 1000 * Number(seconds), name: question }));
    return { name, tunnel: label === 'tunnel', asked };
  });
}

interface Run {
  readonly windows: readonly Window[];
  /** Domains that were told of, and after how many milliseconds the first. */
  readonly told: ReadonlySet<string>;
  readonly firstMs: number | undefined;
}

function runCapture(tag: string, capture: Capture, thin: number, span: number): Run {
  const watch = createNameWatch();
  const learned = createLearnedDomains();
  const windows = new Map<number, Window>();
  const told = new Set<string>();
  let firstMs: number | undefined;
  for (const [index, asked] of capture.asked.entries()) {
    if (capture.tunnel && index % thin !== 0) continue;
    const { owner } = splitName(asked.name);
    if (judgeName(watch, learned, asked, { learning: false }) !== undefined) {
      told.add(owner);
      firstMs ??= asked.at - (capture.asked[0]?.at ?? 0);
    }
    const domain = watch.domains.get(owner);
    const score = domain === undefined ? 0 : fadedNats(domain, asked.at);
    const number = Math.floor(asked.at / span);
    const id = `${tag}/${capture.name}/${number}`;
    const { name, tunnel } = capture;
    const window = windows.get(number) ?? { id, capture: name, tunnel, score: 0 };
    window.score = Math.max(window.score, score);
    windows.set(number, window);
  }
  return { windows: [...windows.values()], told, firstMs };
}

function write(out: string, half: string, thin: number, windows: readonly Window[]): void {
  mkdirSync(out, { recursive: true });
  const lines = windows.map(({ id, score }) => `${id}\t${score.toPrecision(9)}\n`);
  writeFileSync(join(out, `${half}-thin${thin}.tsv`), lines.join(''));
}

function runHalf(half: Half, options: Parameters<DetectSet['run']>[0]): readonly BenchResult[] {
  const captures = readCaptures(half.folder);
  const tag = basename(half.folder);
  const results: BenchResult[] = [];
  const score = (windows: readonly Window[], tunnel: boolean): number[] =>
    windows.filter((window) => window.tunnel === tunnel).map((window) => window.score);
  for (const thin of options.short ? [100] : thinnings) {
    options.signal.throwIfAborted();
    const runs = captures.map((capture) => runCapture(tag, capture, thin, minute));
    const windows = runs.flatMap((run) => run.windows);
    if (options.out !== undefined) write(options.out, half.name, thin, windows);
    const roc = rocOf(score(windows, false), score(windows, true));
    const one = `dns tunnels ${half.name}, 1 of ${thin} queries`;
    options.say(rocLine(`Sentra, ${half.name}, 1 of ${thin}`, roc));
    const ten = captures.flatMap((one) => runCapture(tag, one, thin, 10 * minute).windows);
    const overTen = rocOf(score(ten, false), score(ten, true));
    options.say(rocLine(`  over 10 min`, overTen));
    for (const [index, run] of runs.entries()) {
      const capture = captures[index];
      if (capture?.tunnel !== true) continue;
      const when =
        run.firstMs === undefined ? 'never' : `after ${Math.round(run.firstMs / 1000)} s`;
      options.say(`  ${capture.name}: told ${when}`);
    }
    results.push(
      reach(`${one}: area under the curve`, roc.area, '', 0.95),
      reach(`${one}: found at 1 % false alarms`, roc.atOnePercent, '', 0.7),
      reach(`${one}: found at 1 % false alarms over 10 min`, overTen.atOnePercent, '', 0.7),
    );
  }
  const quiet = captures.filter(({ tunnel }) => !tunnel);
  const owners = quiet.flatMap((one) => [...runCapture(tag, one, 1, minute).told]);
  options.say(`  told of in ${quiet.length} normal captures: ${owners.join(', ') || 'nothing'}`);
  results.push(stayBelow(`dns tunnels ${half.name}: normal domains told of`, owners.length, ''));
  return results;
}

/** DNS tunnels, whole and thinned to a trickle, against a crawl of popular names. */
export const set: DetectSet = {
  folder: 'dns-graphtunnel',
  run(options) {
    const halves = halvesOrError('manifest.tsv', options.data);
    const results = halves.flatMap((half) => runHalf(half, options));
    for (const line of baselines) options.say(line);
    return Promise.resolve(results);
  },
};
