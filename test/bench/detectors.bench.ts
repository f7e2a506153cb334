import { serialize } from 'node:v8';
import { createManySeries, judgeTogether } from '../../monitor/detect/series/many-series.ts';
import { createOneSeries, judgeValue } from '../../monitor/detect/series/one-series.ts';
import { falseRatesOfMany, falseRatesOfOne, type FalseRates } from './detect/false-rates.ts';
import { quietKinds, quietSeries } from './detect/quiet-series.ts';
import { atLeast, atMost, targetOf, type BenchOptions, type BenchResult } from './result.ts';

export const title = 'How often the series detectors are wrong on quiet series, and what they cost';
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

function falseRates({ short, signal, say }: BenchOptions): readonly BenchResult[] {
  const values = short ? 50_000 : 1_000_000;
  const results: BenchResult[] = [];
  let worst = 0;
  say(`  share of ${values} quiet values with p below 10⁻ᵏ, k = 1 … 5`);
  for (const kind of quietKinds) {
    for (const [name, rates] of [
      [`one series, ${kind}`, falseRatesOfOne(kind, values)],
      [`six together, ${kind}`, falseRatesOfMany(kind, values)],
    ] as const) {
      signal.throwIfAborted();
      results.push(...ratesAsResults(name, rates, say));
      for (let k = 1; k <= comparedPowers; k += 1) {
        worst = Math.max(worst, (rates[k - 1] ?? 0) * 10 ** k);
      }
    }
  }
  const target = short ? null : targetOf('detectors', 'largest ratio of false to promised');
  results.push(atMost('largest ratio of false to promised', { value: worst }, 'ratio', target));
  return results;
}

/** A workload's series, each judged alone and all of them together, second after second. */
function cost({ short }: BenchOptions): readonly BenchResult[] {
  const seconds = short ? 5_000 : 200_000;
  const next = Array.from({ length: seriesOfAWorkload }, (_, at) =>
    quietSeries(quietKinds[at % quietKinds.length] ?? 'noisy', at + 1),
  );
  const alone = next.map(() => createOneSeries());
  const together = createManySeries(seriesOfAWorkload);
  const rows = Array.from({ length: 1000 }, () => Float64Array.from(next, (value) => value()));
  const began = performance.now();
  for (let at = 0; at < seconds; at += 1) {
    const row = rows[at % rows.length] ?? new Float64Array(seriesOfAWorkload);
    alone.forEach((state, of) => judgeValue(state, row[of] ?? 0));
    judgeTogether(together, row);
  }
  const perSecond = (1000 * seconds) / (performance.now() - began);
  const bytes = serialize({ alone, together }).byteLength;
  const wanted = (figure: string): number | null => (short ? null : targetOf('detectors', figure));
  return [
    atLeast(
      'observations a second',
      seriesOfAWorkload * perSecond,
      'values',
      wanted('observations a second'),
    ),
    atLeast('workloads at once at one sample a second', perSecond, 'workloads', null),
    atMost('state of a workload', { value: bytes / 1000 }, 'kB', wanted('state of a workload')),
  ];
}

/** A million values of each kind; 50,000 in the short form. */
export function run(options: BenchOptions): Promise<{ readonly results: readonly BenchResult[] }> {
  return Promise.resolve({ results: [...falseRates(options), ...cost(options)] });
}
