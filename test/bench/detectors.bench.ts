import { serialize } from 'node:v8';
import { beginContainer, createDetection, stepDetection } from '../../monitor/detect/detection.ts';
import { createManySeries, judgeTogether } from '../../monitor/detect/series/many-series.ts';
import { createOneSeries, judgeValue } from '../../monitor/detect/series/one-series.ts';
import {
  falseRatesOfLevel,
  falseRatesOfMany,
  falseRatesOfOne,
  type FalseRates,
} from './detect/false-rates.ts';
import { claimsOf } from './detect/live-claims.ts';
import { observedMinute, observedWork } from './detect/observed-work.ts';
import { quietSenses, type QuietSense } from './detect/quiet-container.ts';
import { quietKinds, quietSeries } from './detect/quiet-series.ts';
import { episodeKinds, simulateEpisodes } from './detect/simulated-episodes.ts';
import { atLeast, atMost, targetOf, type BenchOptions, type BenchResult } from './result.ts';

export const title =
  'How often the series detectors are wrong on quiet series, and what all detectors cost';
export const needsEngine = false;

/** As many series as are watched of a workload: processor, memory, processes, sent, received, disk. */
const seriesOfAWorkload = 6;
/** Up to this power of ten a million values hold enough to compare. */
const comparedPowers = 4;

function ratesAsResults(
  name: string,
  rates: FalseRates,
  say: (line: string) => void,
): readonly BenchResult[] {
  say(`  ${name.padEnd(30)}${rates.map((rate) => rate.toExponential(1).padStart(10)).join('')}`);
  return rates.map((rate, at) =>
    atMost(`${name}, p below 1e-${at + 1}`, { value: rate }, 'share', null),
  );
}

/** Stretches of two minutes that each sense of a quiet container is watched for; those of levels are six at once. */
const stretches: Readonly<Record<QuietSense, number>> = {
  levels: 600_000,
  calls: 200_000,
  names: 60_000,
  places: 100_000,
  together: 100_000,
};

/** The short form looks at what is hardest to judge; each container has to be watched for a day first. */
const shortKinds = ['heavy-tailed', 'autocorrelated'] as const;

function falseRates({ short, signal, say }: BenchOptions): readonly BenchResult[] {
  const values = short ? 50_000 : 1_000_000;
  const results: BenchResult[] = [];
  let worst = 0;
  const take = (name: string, rates: FalseRates): void => {
    signal.throwIfAborted();
    results.push(...ratesAsResults(name, rates, say));
    for (let k = 1; k <= comparedPowers; k += 1) {
      worst = Math.max(worst, (rates[k - 1] ?? 0) * 10 ** k);
    }
  };
  say(`  live: share of ${values} quiet means of five seconds with p below 10⁻ᵏ, k = 1 … 5`);
  for (const kind of quietKinds) take(`level, ${kind}`, falseRatesOfLevel(kind, values));
  say('  live: share of stretches of two minutes with an episode claimed as rare as 10⁻ᵏ of them');
  for (const sense of quietSenses) {
    for (const kind of short ? shortKinds : quietKinds) {
      const many = short ? stretches[sense] / 300 : stretches[sense];
      take(`claims by ${sense}, ${kind}`, claimsOf(sense, kind, many, signal));
    }
  }
  say(`  bench only: share of ${values} quiet values with p below 10⁻ᵏ`);
  for (const kind of quietKinds) {
    take(`one series, ${kind}`, falseRatesOfOne(kind, values));
    take(`six together, ${kind}`, falseRatesOfMany(kind, values));
  }
  const target = short ? null : targetOf('detectors', 'largest ratio of false to promised');
  results.push(atMost('largest ratio of false to promised', { value: worst }, 'ratio', target));
  return results;
}

/** The series cores: a workload's series, each judged alone and all of them together. */
function costOfCores({ short }: BenchOptions): readonly BenchResult[] {
  const seconds = short ? 5_000 : 200_000;
  const next = Array.from({ length: seriesOfAWorkload }, (_, at) =>
    quietSeries(quietKinds[at % quietKinds.length] ?? 'noisy', at + 1),
  );
  const alone = next.map(() => createOneSeries());
  const together = createManySeries(seriesOfAWorkload);
  const rows = Array.from({ length: 1000 }, () => Float64Array.from(next, (value) => value()));
  const perSecond = perCoreSecond(seconds, (at) => {
    const row = rows[at % rows.length] ?? new Float64Array(seriesOfAWorkload);
    alone.forEach((state, of) => judgeValue(state, row[of] ?? 0));
    judgeTogether(together, row);
  });
  const bytes = serialize({ alone, together }).byteLength;
  return [
    atLeast('values a second, series cores', seriesOfAWorkload * perSecond, 'values', null),
    atMost('state of the series cores', { value: bytes / 1000 }, 'kB', null),
  ];
}

/** All live detectors: resources, system calls and names of one container, a day of it. */
function costOfAll({ short }: BenchOptions): readonly BenchResult[] {
  const detection = createDetection({ learnMs: 300_000, hostCpus: 4 });
  const { workload, container } = observedWork;
  beginContainer(detection, workload, container, undefined, []);
  const minutes = Array.from({ length: 10 }, (_, seed) => observedMinute(seed + 1));
  const size = minutes[0]?.length ?? 0;
  let now = Date.UTC(2026, 0, 1);
  const perSecond = perCoreSecond(short ? 10 * size : 1440 * size, (at) => {
    const observation = minutes[Math.floor(at / size) % minutes.length]?.[at % size];
    if (observation === undefined) return;
    if (observation.kind === 'resource') now += 1000;
    stepDetection(detection, { ...observation, at: now });
  });
  const watch = detection.watches.get(container);
  const bytes = serialize([watch, detection.baselines.get(workload)]).byteLength;
  const wanted = (figure: string): number | null => (short ? null : targetOf('detectors', figure));
  return [
    atLeast('observations a second', perSecond, 'observations', wanted('observations a second')),
    atMost('state of a workload', { value: bytes / 1000 }, 'kB', wanted('state of a workload')),
  ];
}

/** Alarms of simulated episodes against the budget: at most twice as many, on the first day and later. */
function budgetKept({ short, signal, say }: BenchOptions): readonly BenchResult[] {
  const results: BenchResult[] = [];
  let worst = 0;
  say('  simulated alarms of one container and day, first day and later, at a budget of 0.2, 1, 5');
  for (const kind of episodeKinds) {
    const cells: string[] = [];
    for (const alarmsPerDay of [0.2, 1, 5]) {
      signal.throwIfAborted();
      const alarms = simulateEpisodes(kind, alarmsPerDay, short ? 5 : 1200);
      cells.push(`${alarms.firstDay.toFixed(2)}, ${alarms.later.toFixed(2)}`.padStart(14));
      worst = Math.max(worst, alarms.firstDay / alarmsPerDay, alarms.later / alarmsPerDay);
      results.push(
        atMost(
          `${kind}, budget ${alarmsPerDay}, first day`,
          { value: alarms.firstDay },
          'alarms',
          null,
        ),
        atMost(`${kind}, budget ${alarmsPerDay}, later`, { value: alarms.later }, 'alarms', null),
      );
    }
    say(`  ${kind.padEnd(30)}${cells.join('')}`);
  }
  const target = short ? null : targetOf('detectors', 'largest ratio of alarms to budget');
  results.push(atMost('largest ratio of alarms to budget', { value: worst }, 'ratio', target));
  return results;
}

/** How often `step` can be done in a second of one core; the machine may have other work besides. */
function perCoreSecond(times: number, step: (at: number) => void): number {
  const began = process.cpuUsage();
  for (let at = 0; at < times; at += 1) step(at);
  const { user, system } = process.cpuUsage(began);
  return (1e6 * times) / (user + system);
}

/** A million values of each kind; 50,000 in the short form. */
export function run(options: BenchOptions): Promise<{ readonly results: readonly BenchResult[] }> {
  return Promise.resolve({
    results: [
      ...falseRates(options),
      ...budgetKept(options),
      ...costOfCores(options),
      ...costOfAll(options),
    ],
  });
}
