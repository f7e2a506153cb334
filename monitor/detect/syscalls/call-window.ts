import type { Milliseconds, Moment } from '../../model/time.ts';

/** What the detector needs to know of an observation of system calls. */
export interface CallCounts {
  /** When the interval ended. */
  readonly at: Moment;
  /** The length of the interval; above zero. */
  readonly intervalMs: Milliseconds;
  /** Calls in the interval by name. */
  readonly counts: Readonly<Record<string, number>>;
}

interface Step {
  readonly intervalMs: Milliseconds;
  readonly names: readonly string[];
  readonly counts: readonly number[];
}

/** The calls of the latest second, by name, whatever the grain of the observations. */
export interface CallWindow {
  readonly steps: Step[];
  readonly sums: Map<string, number>;
  coveredMs: Milliseconds;
  lastAt: Moment | undefined;
}

const windowMs: Milliseconds = 1000;

/** Intervals are never exact; this much more still counts as a second. */
const toleranceMs: Milliseconds = 50;

/** Between observations, a longer silence than this ends the window. */
const gapMs: Milliseconds = 2_000;

/** At most so many names an observation: the kernel has fewer. */
const mostNames = 512;

/** A name longer than any call's is cut. */
const longestName = 40;

/** Nothing seen. */
export function createCallWindow(): CallWindow {
  return { steps: [], sums: new Map(), coveredMs: 0, lastAt: undefined };
}

/** Takes an observation in and lets go of what is older than a second. Bad counts are left out. */
export function addToWindow(window: CallWindow, seen: CallCounts): void {
  const { lastAt } = window;
  if (lastAt !== undefined && (seen.at <= lastAt || seen.at - lastAt > seen.intervalMs + gapMs)) {
    clearWindow(window);
  }
  window.lastAt = seen.at;
  const names: string[] = [];
  const counts: number[] = [];
  for (const key in seen.counts) {
    const count = seen.counts[key] ?? 0;
    if (!(count > 0 && count < Number.MAX_SAFE_INTEGER)) continue;
    if (names.length === mostNames) break;
    const name = key.length > longestName ? key.slice(0, longestName) : key;
    names.push(name);
    counts.push(count);
    window.sums.set(name, (window.sums.get(name) ?? 0) + count);
  }
  window.steps.push({ intervalMs: seen.intervalMs, names, counts });
  window.coveredMs += seen.intervalMs;
  while (window.coveredMs > windowMs + toleranceMs && window.steps.length > 1) dropOldest(window);
}

function dropOldest(window: CallWindow): void {
  const oldest = window.steps.shift();
  if (oldest === undefined) return;
  window.coveredMs -= oldest.intervalMs;
  for (const [index, name] of oldest.names.entries()) {
    const left = (window.sums.get(name) ?? 0) - (oldest.counts[index] ?? 0);
    if (left > 0) window.sums.set(name, left);
    else window.sums.delete(name);
  }
}

/** Forgets everything. */
export function clearWindow(window: CallWindow): void {
  window.steps.length = 0;
  window.sums.clear();
  window.coveredMs = 0;
  window.lastAt = undefined;
}

/** The names in the latest observation. */
export function latestNames(window: CallWindow): readonly string[] {
  return window.steps.at(-1)?.names ?? [];
}

/** Calls of a name in the latest second; of a longer interval, the average a second. */
export function levelOf(window: CallWindow, name: string): number {
  const sum = window.sums.get(name) ?? 0;
  return window.coveredMs > windowMs + toleranceMs ? (sum * windowMs) / window.coveredMs : sum;
}
