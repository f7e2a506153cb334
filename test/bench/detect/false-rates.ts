import { secondsPerQuestion } from '../../../monitor/detect/level-shift.ts';
import { createLevelCore, judgeLevelOf } from '../../../monitor/detect/series/level-core.ts';
import { createManySeries, judgeTogether } from '../../../monitor/detect/series/many-series.ts';
import { createOneSeries, judgeValue } from '../../../monitor/detect/series/one-series.ts';
import { quietSeries, type QuietKind } from './quiet-series.ts';

/** How many powers of ten are looked at. */
export const powers = 5;

/** How often the probability of a quiet value was below 10⁻ᵏ, for k = 1 to 5. */
export type FalseRates = readonly number[];

/** Values that are learned from before any is counted. */
const learning = 20_000;
const channels = 6;

function ratesOf(probability: () => number, values: number): FalseRates {
  for (let at = 0; at < learning; at += 1) probability();
  const below = new Array<number>(powers).fill(0);
  for (let at = 0; at < values; at += 1) {
    const said = probability();
    for (let k = 1; k <= powers && said < 10 ** -k; k += 1) below[k - 1] = (below[k - 1] ?? 0) + 1;
  }
  return below.map((count) => count / values);
}

/** For the level of a series as it is judged live: the mean of every five values is one. */
export function falseRatesOfLevel(kind: QuietKind, values: number): FalseRates {
  const next = quietSeries(kind, 7);
  const core = createLevelCore();
  return ratesOf(() => {
    let sum = 0;
    for (let second = 0; second < secondsPerQuestion; second += 1) sum += next();
    return judgeLevelOf(core, sum / secondsPerQuestion)?.probability ?? 1;
  }, values);
}

/** For the detector of one series, over so many values of a quiet one. */
export function falseRatesOfOne(kind: QuietKind, values: number): FalseRates {
  const next = quietSeries(kind, 7);
  const state = createOneSeries();
  return ratesOf(() => judgeValue(state, next())?.probability ?? 1, values);
}

/** For the detector of several series, over so many moments of six quiet ones of a kind. */
export function falseRatesOfMany(kind: QuietKind, values: number): FalseRates {
  const next = Array.from({ length: channels }, (_, at) => quietSeries(kind, 11 + at));
  const state = createManySeries(channels);
  const row = new Float64Array(channels);
  return ratesOf(() => {
    next.forEach((value, at) => (row[at] = value()));
    return judgeTogether(state, row)?.probability ?? 1;
  }, values);
}
