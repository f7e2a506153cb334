import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { evidenceOf } from '../../../monitor/detect/dns/name-evidence.ts';
import type { BenchResult } from '../result.ts';
import type { DetectSet } from './detect-set.ts';
import { reach } from './dns-figure.ts';
import { halvesOrError, type Half } from './halves.ts';
import { rocLine, rocOf } from './dns-roc.ts';

interface Query {
  readonly id: string;
  readonly attack: boolean;
  readonly tool: string;
  readonly name: string;
}

const baselines = [
  'baseline, entropy of the sub-domain    AUC 0.997 on one half, 0.964 on the other',
  'baseline, length of the sub-domain     AUC 0.997 / 0.951, at 1 % false alarms 0.97 / 0.515 found',
];

function readQueries(file: string): readonly Query[] {
  const [header, ...lines] = readFileSync(file, 'utf8').split('\n');
  const columns = (header ?? '').split('\t');
  const cell = (cells: readonly string[], name: string): string =>
    cells[columns.indexOf(name)] ?? '';
  return lines
    .filter((line) => line !== '')
    .map((line) => line.split('\t'))
    .map((cells) => ({
      id: cell(cells, 'id'),
      attack: cell(cells, 'label') !== 'normal',
      tool: cell(cells, 'type'),
      name: cell(cells, 'qname'),
    }));
}

function runHalf(half: Half, options: Parameters<DetectSet['run']>[0]): readonly BenchResult[] {
  options.signal.throwIfAborted();
  const queries = readQueries(join(half.folder, 'queries.tsv'));
  const scored = queries.map((query) => ({ ...query, score: evidenceOf(query.name).nats }));
  if (options.out !== undefined) {
    mkdirSync(options.out, { recursive: true });
    const lines = scored.map(({ id, score }) => `${id}\t${score.toPrecision(9)}\n`);
    writeFileSync(join(options.out, `${half.name}.tsv`), lines.join(''));
  }
  const scores = (wanted: (query: Query) => boolean): number[] =>
    scored.filter(wanted).map(({ score }) => score);
  const normals = scores(({ attack }) => !attack);
  const all = rocOf(
    normals,
    scores(({ attack }) => attack),
  );
  options.say(rocLine(`Sentra, ${half.name}`, all));
  // Nothing was fitted to any tool, so each is one that was left out.
  for (const tool of new Set(scored.filter(({ attack }) => attack).map((query) => query.tool))) {
    const roc = rocOf(
      normals,
      scores((query) => query.attack && query.tool === tool),
    );
    options.say(rocLine(`  ${tool}, ${half.name}`, roc));
  }
  return [
    reach(`dns queries ${half.name}: area under the curve`, all.area, '', 0.985),
    reach(`dns queries ${half.name}: found at 1 % false alarms`, all.atOnePercent, '', 0.8),
  ];
}

/** Single DNS queries: tunnels of several tools against ordinary names. */
export const set: DetectSet = {
  folder: 'dns-queries',
  run(options) {
    const halves = halvesOrError('queries.tsv', options.data);
    const results = halves.flatMap((half) => runHalf(half, options));
    for (const line of baselines) options.say(line);
    return Promise.resolve(results);
  },
};
