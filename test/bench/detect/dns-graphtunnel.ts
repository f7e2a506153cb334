import { basename, join } from 'node:path';
import {
  createLearnedDomains,
  createNameWatch,
  fadedNats,
  judgeName,
  productFading,
  type AskedName,
  type Fading,
} from '../../../monitor/detect/dns/name-tunnel.ts';
import { splitName } from '../../../monitor/detect/dns/registered-domain.ts';
import type { BenchResult } from '../result.ts';
import { DataSetError } from './data-set-error.ts';
import { heed, writeScores, type DetectSet, type HalfOptions } from './detect-set.ts';
import { reach, stayBelow } from './dns-figure.ts';
import type { Half } from './halves.ts';
import { rocLine, rocOf } from './dns-roc.ts';
import { numberIn, rowsOf } from './number-table.ts';

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

/** The captures of a half; an error that names file and line where one is not as it should be. */
function readCaptures(folder: string): readonly Capture[] {
  const manifest = join(folder, 'manifest.tsv');
  return rowsOf(manifest, '\t').map(([name = '', label = ''], row) => {
    if (name === '' || (label !== 'tunnel' && label !== 'normal')) {
      throw new DataSetError(`${manifest}, line ${row + 2}: no capture that is tunnel or normal.`);
    }
    const path = join(folder, `${name}.tsv.gz`);
    const asked = rowsOf(path, '\t').map(([seconds, question], line) => {
      const at = 1000 * numberIn(path, line + 2, seconds);
      if (question === undefined) throw new DataSetError(`${path}, line ${line + 2}: no name.`);
      return { at, name: question };
    });
    return { name, tunnel: label === 'tunnel', asked };
  });
}

interface Run {
  readonly windows: readonly Window[];
  /** Domains that were told of, and after how many milliseconds the first. */
  readonly told: ReadonlySet<string>;
  readonly firstMs: number | undefined;
}

function runCapture(
  tag: string,
  capture: Capture,
  thin: number,
  span: number,
  fading = productFading,
): Run {
  const watch = createNameWatch();
  const learned = createLearnedDomains();
  const windows = new Map<number, Window>();
  const told = new Set<string>();
  let firstMs: number | undefined;
  for (const [index, asked] of capture.asked.entries()) {
    if (capture.tunnel && index % thin !== 0) continue;
    const { owner } = splitName(asked.name);
    if (judgeName(watch, learned, asked, { learning: false, fading }) !== undefined) {
      told.add(owner);
      firstMs ??= asked.at - (capture.asked[0]?.at ?? 0);
    }
    const domain = watch.domains.get(owner);
    const score = domain === undefined ? 0 : fadedNats(domain, asked.at, fading);
    const number = Math.floor(asked.at / span);
    const id = `${tag}/${capture.name}/${number}`;
    const { name, tunnel } = capture;
    const window = windows.get(number) ?? { id, capture: name, tunnel, score: 0 };
    window.score = Math.max(window.score, score);
    windows.set(number, window);
  }
  return { windows: [...windows.values()], told, firstMs };
}

/** The product's own comes first. */
const fadings: readonly Fading[] = [
  productFading,
  ...[10, 30, 120].flatMap((minutes) =>
    [0, 2, 5, 10].map((natsPerName) => ({ halfLifeMs: minutes * minute, natsPerName })),
  ),
];

/** Each tunnel, 1 query of 100, by what tells all other tunnels best from ordinary traffic. */
async function leaveToolsOut(
  captures: readonly Capture[],
  tag: string,
  { say, signal }: Pick<HalfOptions, 'say' | 'signal'>,
): Promise<readonly BenchResult[]> {
  const tunnels = captures.filter(({ tunnel }) => tunnel);
  if (tunnels.length < 2) return [];
  const byFading: (readonly Window[])[] = [];
  for (const fading of fadings) {
    await heed(signal);
    byFading.push(captures.flatMap((each) => runCapture(tag, each, 100, minute, fading).windows));
  }
  const areaOf = (windows: readonly Window[], wanted: (window: Window) => boolean): number =>
    rocOf(
      windows.filter(({ tunnel }) => !tunnel).map(({ score }) => score),
      windows.filter((window) => window.tunnel && wanted(window)).map(({ score }) => score),
    ).area;
  return tunnels.map(({ name }) => {
    const [first = []] = byFading;
    const best = byFading.reduce(
      (one, other) =>
        areaOf(other, ({ capture }) => capture !== name) >
        areaOf(one, ({ capture }) => capture !== name)
          ? other
          : one,
      first,
    );
    const { halfLifeMs, natsPerName } = fadings[byFading.indexOf(best)] ?? productFading;
    const area = areaOf(best, ({ capture }) => capture === name);
    say(
      `  ${name} left out: half-life ${halfLifeMs / minute} min, ${natsPerName} nats a name: AUC ${area.toFixed(4)}`,
    );
    return reach(`dns tunnels, 1 of 100 queries, ${name} left out: area`, area, '', 0.95);
  });
}

async function runHalf(half: Half, options: HalfOptions): Promise<readonly BenchResult[]> {
  const captures = readCaptures(half.folder);
  for (const [tunnel, what] of [
    [true, 'tunnels'],
    [false, 'ordinary traffic'],
  ] as const) {
    if (captures.some((capture) => capture.tunnel === tunnel)) continue;
    throw new DataSetError(`${half.folder} holds no ${what}.`);
  }
  const tag = basename(half.folder);
  const results: BenchResult[] = [];
  const score = (windows: readonly Window[], tunnel: boolean): number[] =>
    windows.filter((window) => window.tunnel === tunnel).map((window) => window.score);
  for (const thin of options.short ? [100] : thinnings) {
    await heed(options.signal);
    const runs = captures.map((capture) => runCapture(tag, capture, thin, minute));
    const windows = runs.flatMap((run) => run.windows);
    const lines = windows.map(({ id, score }) => `${id}\t${score.toPrecision(9)}\n`);
    writeScores(options.out, `${half.name}-thin${thin}.tsv`, lines.join(''));
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
  if (!options.short) results.push(...(await leaveToolsOut(captures, tag, options)));
  const quiet = captures.filter(({ tunnel }) => !tunnel);
  const owners = quiet.flatMap((one) => [...runCapture(tag, one, 1, minute).told]);
  options.say(`  told of in ${quiet.length} normal captures: ${owners.join(', ') || 'nothing'}`);
  results.push(stayBelow(`dns tunnels ${half.name}: normal domains told of`, owners.length, ''));
  return results;
}

/** DNS tunnels, whole and thinned to a trickle, against a crawl of popular names. */
export const set: DetectSet = {
  folder: 'dns-graphtunnel',
  marker: 'manifest.tsv',
  published: baselines,
  runHalf,
};
