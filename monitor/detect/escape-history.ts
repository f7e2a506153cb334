import type { Milliseconds, Moment } from '../model/time.ts';

/** When a workload made calls of the kinds that escapes are made of. It is known, not held normal. */
export interface EscapeHistory {
  /** How long its calls had been watched when this began to be kept. */
  readonly sinceMs: Milliseconds;
  /** The latest of each kind that was told. */
  readonly latest: Map<string, Moment>;
}

/** What may be said of a kind of call before now. */
export type Before =
  | { readonly name: 'never'; readonly watchedMs: Milliseconds }
  | { readonly name: 'made'; readonly at: Moment }
  | { readonly name: 'unknown' };

/** Kinds that are kept; there are fewer. */
const mostKinds = 64;

/** To have watched for less than this says nothing. */
const leastWatchedMs: Milliseconds = 60_000;

/** Nothing known, of a workload whose calls had been watched for so long by then. */
export function createEscapeHistory(sinceMs: Milliseconds = 0): EscapeHistory {
  return { sinceMs, latest: new Map() };
}

/** What is known of a kind; `watchedMs`: how long the workload's calls have been watched in all. */
export function beforeOf(history: EscapeHistory, kind: string, watchedMs: Milliseconds): Before {
  const at = history.latest.get(kind);
  if (at !== undefined) return { name: 'made', at };
  const forMs = watchedMs - history.sinceMs;
  return forMs < leastWatchedMs ? { name: 'unknown' } : { name: 'never', watchedMs: forMs };
}

/** Such a call was made. */
export function noteInHistory(history: EscapeHistory, kind: string, at: Moment): void {
  if (history.latest.has(kind) || history.latest.size < mostKinds) history.latest.set(kind, at);
}

/** As JSON. */
export interface PackedEscapes {
  readonly sinceMs: Milliseconds;
  readonly latest: readonly (readonly [string, Moment])[];
}

/** For storing. */
export function packEscapes({ sinceMs, latest }: EscapeHistory): PackedEscapes {
  return { sinceMs, latest: [...latest] };
}

/** What `packEscapes` gave, read back. */
export function unpackEscapes({ sinceMs, latest }: PackedEscapes): EscapeHistory {
  return { sinceMs, latest: new Map(latest.slice(0, mostKinds)) };
}
