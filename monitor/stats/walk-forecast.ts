/** The interval in which something that grows by uneven steps has grown by so much more; in the unit of time. */
export interface WalkForecast {
  readonly earliest: number;
  readonly latest: number;
}

/** With fewer samples their spread is not known. */
const leastSamples = 5;

/** In standard errors: 95 % where steps are normally distributed. */
const reach = 2;

/**
 * When a random walk with drift, seen at `times` as `values`, has gone `left` further: the times t at which
 * `left` lies within two standard errors of r·t. With the drift r of the whole span T and the variance v a
 * unit of time, of the steps, that error is √(v·t·(1 + t/T)): what is to come strays by v·t, and r itself
 * is off by √(v/T). Both ends are the roots of (left − r·t)² = 4·v·t·(1 + t/T). A line's standard error
 * would be too small here, for its residuals depend on each other. Undefined with fewer than five samples,
 * and where the slow end is no growth at all, so that the interval has no end.
 */
export function forecastWalk(
  times: readonly number[],
  values: readonly number[],
  left: number,
): WalkForecast | undefined {
  const last = Math.min(times.length, values.length) - 1;
  if (last + 1 < leastSamples) return undefined;
  const at = (all: readonly number[], index: number): number => all[index] ?? 0;
  const span = at(times, last) - at(times, 0);
  if (!(span > 0) || left <= 0) return undefined;
  const drift = (at(values, last) - at(values, 0)) / span;
  let squares = 0;
  for (let index = 1; index <= last; index += 1) {
    const took = at(times, index) - at(times, index - 1);
    if (!(took > 0)) return undefined;
    squares += (at(values, index) - at(values, index - 1) - drift * took) ** 2 / took;
  }
  const variance = (reach ** 2 * squares) / (last - 1);
  const steady = drift ** 2 - variance / span;
  if (drift <= 0 || steady <= 0) return undefined;
  const half = left * drift + variance / 2;
  const root = Math.sqrt(Math.max(0, half ** 2 - steady * left ** 2));
  return { earliest: (half - root) / steady, latest: (half + root) / steady };
}
