import type { TraceWindow } from './receiver-line.ts';

/**
 * Each counted call costs a container under gVisor 4 to 11 µs, by how busy the machine is: so many a
 * second are at most a twentieth of a core.
 */
const mostCounted = 5000;
/** A call made less often than this a second is always counted. */
const seldom = 500;

/**
 * The calls to leave out so that what is counted costs the container little; empty while it makes
 * few enough. The most frequent go first. `ms`: the length of the window.
 */
export function loudCalls(
  counts: TraceWindow['counts'],
  ms: number,
  alwaysTold: (number: number) => boolean,
): readonly number[] {
  const perSecond = counts.map(([number, calls]) => ({ number, rate: (calls * 1000) / ms }));
  let rate = perSecond.reduce((sum, one) => sum + one.rate, 0);
  if (rate <= mostCounted) return [];
  const leftOut: number[] = [];
  const loudest = perSecond
    .filter((one) => one.rate > seldom && !alwaysTold(one.number))
    .sort((one, other) => other.rate - one.rate);
  for (const one of loudest) {
    if (rate <= mostCounted / 2) break;
    leftOut.push(one.number);
    rate -= one.rate;
  }
  return leftOut;
}
