import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { BenchResult } from '../result.ts';
import { DataSetError } from './data-set-error.ts';
import { heed, writeScores, type DetectSet, type HalfOptions } from './detect-set.ts';
import { reach, stayBelow } from './dns-figure.ts';
import type { Half } from './halves.ts';
import { alarmsOf, productChoice, shilGrid, type ShilTrace } from './shil-choice.ts';
import { scoreTrace, shilLine, sumUp, type ShilScore } from './shil-score.ts';
import { readCallNames, readTrace, readTraceLabels, type TraceLabel } from './shil-trace.ts';

/** The published figures over both halves, for comparison. */
const published = [
  'published, SHIL 2.0                detected 84.2 %, false rows 0.843 %, false episodes 74.9/h, quiet 27.4 %',
  'published, CDL autoencoder 99 %    detected 81.1 %, false rows 1.400 %, false episodes 96.4/h, quiet 12.8 %',
  'baseline, exceeds its maximum x1.3 detected 81.1 %, false rows 0.092 %, false episodes 20.7/h, quiet 72.6 %',
];

/** Of a label, both files; their rows have to be those that the label counts. */
function readTracePair(folder: string, label: TraceLabel, names: readonly string[]): ShilTrace {
  const file = (part: string): string =>
    join(folder, label.cve, `c${label.container}.${part}.tsv.gz`);
  const test = readTrace(file('test'), names);
  if (test.length !== label.testRows) {
    throw new DataSetError(
      `${file('test')} has ${test.length} rows; labels.json says ${label.testRows}.`,
    );
  }
  return { train: readTrace(file('train'), names), test };
}

/** Within the goals: the bar with the most detections that keeps the peace. */
function better(one: ShilScore, other: ShilScore): boolean {
  const peace = (score: ShilScore): boolean =>
    score.quiet >= 85 && score.episodesPerHour <= 12 && score.falseRows <= 0.1;
  if (peace(one) !== peace(other)) return peace(one);
  return one.detected > other.detected;
}

type Scored = ReturnType<typeof scoreTrace>;

/** Every application scored with what is best on all others: of the bars alone, or of all choices. */
function leaveOneOut(
  labels: readonly TraceLabel[],
  byChoice: readonly (readonly Scored[])[],
  say: (line: string) => void,
): ShilScore {
  const scores: Scored[] = [];
  const chosen = new Map<string, number>();
  for (const application of new Set(labels.map((label) => label.application))) {
    const mine = (_: Scored, index: number): boolean => labels[index]?.application === application;
    const others = (score: Scored, index: number): boolean => !mine(score, index);
    let best = byChoice[0] ?? [];
    let bestSum = sumUp(best.filter(others));
    for (const candidate of byChoice) {
      const sum = sumUp(candidate.filter(others));
      if (better(sum, bestSum)) [best, bestSum] = [candidate, sum];
    }
    const choice = shilGrid[byChoice.indexOf(best)] ?? productChoice;
    const words = `bar ${choice.bar.toFixed(2)}, untold ${[...choice.untold].join(' ')}`;
    chosen.set(words, (chosen.get(words) ?? 0) + 1);
    scores.push(...best.filter(mine));
  }
  for (const [words, times] of chosen) say(`    for ${times} applications: ${words}`);
  return sumUp(scores);
}

function figures(half: string, score: ShilScore): readonly BenchResult[] {
  return [
    reach(`shil ${half}: attacks detected`, score.detected, '%', 85),
    stayBelow(`shil ${half}: false rows`, score.falseRows, '%', 0.1),
    stayBelow(`shil ${half}: false episodes`, score.episodesPerHour, '/h', 12),
    reach(`shil ${half}: traces quiet before the attack`, score.quiet, '%', 85),
    reach(`shil ${half}: lead before success`, score.leadSeconds, 's'),
  ];
}

/** The names of the calls lie beside the halves, in the half itself, or above the set: the nearest count. */
function callNames(half: string): readonly string[] {
  const paths = ['.', '..', '../..'].map((up) => join(half, up, 'syscalls.json'));
  return readCallNames(paths.find((path) => existsSync(path)) ?? join(half, '../syscalls.json'));
}

async function runHalf(half: Half, options: HalfOptions): Promise<readonly BenchResult[]> {
  const names = callNames(half.folder);
  const all = readTraceLabels(join(half.folder, 'labels.json'));
  const labels = options.short ? all.slice(0, 4) : all;
  const grid = options.short ? [productChoice] : shilGrid;
  const byChoice: Scored[][] = grid.map(() => []);
  for (const label of labels) {
    const trace = readTracePair(half.folder, label, names);
    for (const [index, choice] of grid.entries()) {
      if (index % 16 === 0) await heed(options.signal);
      const alarms = alarmsOf(trace, choice);
      if (index === 0) {
        const text = `${alarms.map(Number).join('\n')}\n`;
        writeScores(options.out, join(label.cve, `c${label.container}.txt`), text);
      }
      byChoice[index]?.push(scoreTrace(alarms, label));
    }
  }
  const score = sumUp(byChoice[0] ?? []);
  options.say(shilLine(`Sentra, ${half.name}`, score));
  const applications = new Set(labels.map(({ application }) => application)).size;
  // Of one application alone there is nothing to choose by.
  if (options.short || applications < 2) return figures(half.name, score);
  const bars = byChoice.slice(
    0,
    grid.findIndex(({ untold }) => untold.size === 0),
  );
  options.say(
    shilLine(`  bar of other applications, ${half.name}`, leaveOneOut(labels, bars, options.say)),
  );
  const leftOut = leaveOneOut(labels, byChoice, options.say);
  options.say(shilLine(`  bar and list of others, ${half.name}`, leftOut));
  return [
    ...figures(half.name, score),
    ...figures(`${half.name}, bar and list of other applications`, leftOut),
  ];
}

/** System calls per 100 ms in containers under 41 known attacks. */
export const set: DetectSet = {
  folder: 'shil-syscalls',
  marker: 'labels.json',
  published,
  runHalf,
};
