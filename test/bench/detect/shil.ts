import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createLearnedCalls } from '../../../monitor/detect/syscalls/learned-calls.ts';
import {
  createCallWatch,
  judgeCalls,
  leastExcess,
} from '../../../monitor/detect/syscalls/unusual-calls.ts';
import type { BenchResult } from '../result.ts';
import type { DetectSet } from './detect-set.ts';
import { reach, stayBelow } from './dns-figure.ts';
import { halvesOrError, type Half } from './halves.ts';
import { scoreTrace, shilLine, sumUp, type ShilScore } from './shil-score.ts';
import { readCallNames, readTrace, readTraceLabels, type TraceLabel } from './shil-trace.ts';

/** Bars that leave-one-application-out may choose from; the product's own is among them. */
const bars = [0.1, 0.13, 0.16, leastExcess, 0.21, 0.25, 0.3, 0.4, 0.7];

/** The published figures over both halves, for comparison. */
const published = [
  'published, SHIL 2.0                detected 84.2 %, false rows 0.843 %, false episodes 74.9/h, quiet 27.4 %',
  'published, CDL autoencoder 99 %    detected 81.1 %, false rows 1.400 %, false episodes 96.4/h, quiet 12.8 %',
  'baseline, exceeds its maximum x1.3 detected 81.1 %, false rows 0.092 %, false episodes 20.7/h, quiet 72.6 %',
];

/** A row is an alarm when it brings news: it opens a finding or carries one further. */
function alarmsOf(
  folder: string,
  { cve, container }: TraceLabel,
  names: readonly string[],
  bar: number,
): readonly boolean[] {
  const watch = createCallWatch();
  const learned = createLearnedCalls();
  const file = (part: string): string => join(folder, cve, `c${container}.${part}.tsv.gz`);
  let at = 0;
  for (const row of readTrace(file('train'), names)) {
    at = row.at;
    judgeCalls(watch, learned, row, { learning: true });
  }
  const begin = at;
  const alarms: boolean[] = [];
  for (const row of readTrace(file('test'), names)) {
    const seen = { ...row, at: begin + row.at };
    alarms.push(judgeCalls(watch, learned, seen, { learning: false, bar })?.newsAt === seen.at);
  }
  return alarms;
}

function write(out: string, { cve, container }: TraceLabel, alarms: readonly boolean[]): void {
  const file = join(out, cve, `c${container}.txt`);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${alarms.map(Number).join('\n')}\n`);
}

/** Within the goals: the bar with the most detections that keeps the peace. */
function better(one: ShilScore, other: ShilScore): boolean {
  const peace = (score: ShilScore): boolean =>
    score.quiet >= 85 && score.episodesPerHour <= 12 && score.falseRows <= 0.1;
  if (peace(one) !== peace(other)) return peace(one);
  return one.detected > other.detected;
}

type Scored = ReturnType<typeof scoreTrace>;

/** Every application scored with the bar that is best on all others. */
function leaveOneOut(
  labels: readonly TraceLabel[],
  byBar: readonly (readonly Scored[])[],
): ShilScore {
  const scores: Scored[] = [];
  for (const application of new Set(labels.map((label) => label.application))) {
    const mine = (_: Scored, index: number): boolean => labels[index]?.application === application;
    const others = (score: Scored, index: number): boolean => !mine(score, index);
    let best = byBar[0] ?? [];
    for (const candidate of byBar) {
      if (better(sumUp(candidate.filter(others)), sumUp(best.filter(others)))) best = candidate;
    }
    scores.push(...best.filter(mine));
  }
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

async function runHalf(
  half: Half,
  names: readonly string[],
  options: Parameters<DetectSet['run']>[0],
): Promise<readonly BenchResult[]> {
  const all = readTraceLabels(join(half.folder, 'labels.json'));
  const labels = options.short ? all.slice(0, 4) : all;
  const byBar: Scored[][] = bars.map(() => []);
  for (const label of labels) {
    // Lets an interruption through between traces.
    await new Promise(setImmediate);
    options.signal.throwIfAborted();
    for (const [index, bar] of bars.entries()) {
      if (options.short && bar !== leastExcess) continue;
      const alarms = alarmsOf(half.folder, label, names, bar);
      if (options.out !== undefined && bar === leastExcess) write(options.out, label, alarms);
      byBar[index]?.push(scoreTrace(alarms, label));
    }
  }
  const score = sumUp(byBar[bars.indexOf(leastExcess)] ?? []);
  options.say(shilLine(`Sentra, ${half.name}`, score));
  if (!options.short) {
    options.say(shilLine(`  left-out applications, ${half.name}`, leaveOneOut(labels, byBar)));
  }
  return figures(half.name, score);
}

/** System calls per 100 ms in containers under 41 known attacks. */
export const set: DetectSet = {
  folder: 'shil-syscalls',
  async run(options) {
    // It lies beside the halves, also where a half alone is given.
    const [beside, above] = ['.', '..'].map((up) => join(options.data, up, 'syscalls.json'));
    const names = readCallNames(
      beside !== undefined && existsSync(beside) ? beside : (above ?? ''),
    );
    const results: BenchResult[] = [];
    for (const half of halvesOrError('labels.json', options.data)) {
      results.push(...(await runHalf(half, names, options)));
    }
    for (const line of published) options.say(line);
    return results;
  },
};
