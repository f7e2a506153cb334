import { join } from 'node:path';
import { evidenceOf, natsPerCharacter } from '../../../monitor/detect/dns/name-evidence.ts';
import type { BenchResult } from '../result.ts';
import { DataSetError } from './data-set-error.ts';
import { heed, writeScores, type DetectSet, type HalfOptions } from './detect-set.ts';
import { reach } from './dns-figure.ts';
import type { Half } from './halves.ts';
import { rocLine, rocOf } from './dns-roc.ts';
import { linesOf, rowsOf } from './number-table.ts';

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

/** The queries of a half; an error that names file and line where one lacks something. */
function readQueries(path: string): readonly Query[] {
  const [header = ''] = linesOf(path);
  const columns = header.split('\t');
  const places = ['id', 'label', 'qname'].map((name) => {
    const at = columns.indexOf(name);
    if (at < 0) throw new DataSetError(`${path} has no column "${name}".`);
    return at;
  });
  const toolAt = columns.indexOf('type');
  return rowsOf(path, '\t').map((cells, row) => {
    const [id, label, name] = places.map((at) => cells[at]);
    // The name of the root is empty.
    if (!id || !label || name === undefined) {
      throw new DataSetError(`${path}, line ${row + 2}: no query with id, label and name.`);
    }
    const tool = cells[toolAt] || label;
    return { id, attack: label !== 'normal', tool, name };
  });
}

/** What a character of length may count, in nats; the product's own comes first. */
const characterNats = [natsPerCharacter, 0, 0.025, 0.1, 0.2];

/**
 * Each tool found with what a character counts that tells all other tools best from ordinary names; of
 * one tool alone there is nothing to choose by.
 */
function leaveToolsOut(
  scored: readonly (Query & { readonly score: number; readonly length: number })[],
  say: (line: string) => void,
): readonly BenchResult[] {
  const rescored = (perCharacter: number, wanted: (query: Query) => boolean): number[] =>
    scored
      .filter(wanted)
      .map(({ score, length }) => score + (perCharacter - natsPerCharacter) * length);
  const tools = [...new Set(scored.filter(({ attack }) => attack).map(({ tool }) => tool))];
  if (tools.length < 2) return [];
  return tools.flatMap((tool) => {
    const areaOfOthers = (perCharacter: number): number =>
      rocOf(
        rescored(perCharacter, ({ attack }) => !attack),
        rescored(perCharacter, (query) => query.attack && query.tool !== tool),
      ).area;
    const chosen = characterNats.reduce((best, each) =>
      areaOfOthers(each) > areaOfOthers(best) ? each : best,
    );
    const roc = rocOf(
      rescored(chosen, ({ attack }) => !attack),
      rescored(chosen, (query) => query.attack && query.tool === tool),
    );
    say(rocLine(`  ${tool}, by ${chosen} of other tools`, roc));
    const name = `dns queries, ${tool} left out`;
    return [
      reach(`${name}: area under the curve`, roc.area, '', 0.985),
      reach(`${name}: found at 1 % false alarms`, roc.atOnePercent, '', 0.8),
    ];
  });
}

async function runHalf(half: Half, options: HalfOptions): Promise<readonly BenchResult[]> {
  await heed(options.signal);
  const queries = readQueries(join(half.folder, 'queries.tsv'));
  const scored = queries.map((query) => {
    const { nats, length } = evidenceOf(query.name);
    // What is harmless whatever it says has no length that could count.
    return { ...query, score: nats, length: nats === 0 ? 0 : length };
  });
  const lines = scored.map(({ id, score }) => `${id}\t${score.toPrecision(9)}\n`);
  writeScores(options.out, `${half.name}.tsv`, lines.join(''));
  const scores = (wanted: (query: Query) => boolean): number[] =>
    scored.filter(wanted).map(({ score }) => score);
  const normals = scores(({ attack }) => !attack);
  if (normals.length === 0) throw new DataSetError(`${half.folder} holds no ordinary queries.`);
  if (normals.length === scored.length) throw new DataSetError(`${half.folder} holds no attacks.`);
  const all = rocOf(
    normals,
    scores(({ attack }) => attack),
  );
  options.say(rocLine(`Sentra, ${half.name}`, all));
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
    ...leaveToolsOut(scored, options.say),
  ];
}

/** Single DNS queries: tunnels of several tools against ordinary names. */
export const set: DetectSet = {
  folder: 'dns-queries',
  marker: 'queries.tsv',
  published: baselines,
  runHalf,
};
