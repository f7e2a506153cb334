const latestRow = 20_000;
const firstLag = 3;
const lastLag = 400;
const longest = 300;
const none = 125;

/**
 * The window of a series whose manifest names none, as the public evaluator has it: the lag at which
 * the series is most like itself, 125 where there is no such lag within 6 to 303.
 */
export function windowOf(series: readonly number[]): number {
  const values = series.slice(0, latestRow);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const distances = Float64Array.from(values, (value) => value - mean);
  const power = likeness(distances, 0);
  if (!(power > 0)) return none;
  const lags = Math.min(lastLag, values.length - 1) + 1 - firstLag;
  const alike = Array.from({ length: Math.max(0, lags) }, (_, at) =>
    likeness(distances, firstLag + at),
  );
  let best: number | undefined;
  for (let at = 1; at < alike.length - 1; at += 1) {
    const here = alike[at] ?? 0;
    if (here <= (alike[at - 1] ?? 0) || here <= (alike[at + 1] ?? 0)) continue;
    if (best === undefined || here >= (alike[best] ?? 0)) best = at;
  }
  return best === undefined || best < 3 || best > longest ? none : best + firstLag;
}

function likeness(distances: Float64Array, lag: number): number {
  let sum = 0;
  for (let at = lag; at < distances.length; at += 1) {
    sum += (distances[at] ?? 0) * (distances[at - lag] ?? 0);
  }
  return sum;
}
