import type { CallRate, ContainerId, MonitorEvent } from './model.ts';

/** How often a call is made, against before. */
export type CallTrend = 'usual' | 'new' | 'more' | 'less';

/** So many times as often as before is worth a word. */
const notable = 3;

/** How long the time before must be, milliseconds: against less everything is news. */
const leastMs = 60_000;

/** What is to be said of a call beside its figures. */
export function callTrend({ perSecond, usualPerSecond }: CallRate, usualMs: number): CallTrend {
  if (usualMs < leastMs) return 'usual';
  if (usualPerSecond === 0) return perSecond > 0 ? 'new' : 'usual';
  if (perSecond > 1 && perSecond >= usualPerSecond * notable) return 'more';
  return usualPerSecond > 1 && perSecond * notable <= usualPerSecond ? 'less' : 'usual';
}

/** Its share of all calls now, 0 to 1. */
export function callShare({ perSecond }: CallRate, calls: readonly CallRate[]): number {
  const all = calls.reduce((sum, call) => sum + call.perSecond, 0);
  return all > 0 ? perSecond / all : 0;
}

type Batch = Extract<MonitorEvent, { readonly kind: 'observations' }>;

/** System calls a second of each container, over what a batch tells of it. */
export function callRates(observations: Batch['observations']): ReadonlyMap<ContainerId, number> {
  const sums = new Map<ContainerId, { calls: number; ms: number }>();
  for (const observation of observations) {
    if (observation.kind !== 'syscalls' || !(observation.intervalMs > 0)) continue;
    const sum = sums.get(observation.container) ?? { calls: 0, ms: 0 };
    for (const name in observation.counts) sum.calls += observation.counts[name] ?? 0;
    sum.ms += observation.intervalMs;
    sums.set(observation.container, sum);
  }
  return new Map([...sums].map(([container, { calls, ms }]) => [container, (calls * 1000) / ms]));
}
