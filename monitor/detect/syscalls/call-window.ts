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

/** The calls of one name in the window. */
interface Tally {
  readonly name: string;
  sum: number;
  /** Of how many steps it is part. */
  steps: number;
}

interface Step {
  intervalMs: Milliseconds;
  /** Of the names that were called, and how often each was. */
  readonly tallies: Tally[];
  readonly counts: number[];
}

/** The calls of the latest second, by name, whatever the grain of the observations. */
export interface CallWindow {
  readonly steps: Step[];
  readonly sums: Map<string, Tally>;
  coveredMs: Milliseconds;
  /** A step that was let go of: the next one takes its lists. */
  spare: Step | undefined;
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
  return { steps: [], sums: new Map(), coveredMs: 0, spare: undefined, lastAt: undefined };
}

/** Takes an observation in and lets go of what is older than a second. Bad counts are left out. */
export function addToWindow(window: CallWindow, seen: CallCounts): void {
  const { lastAt } = window;
  if (lastAt !== undefined && (seen.at <= lastAt || seen.at - lastAt > seen.intervalMs + gapMs)) {
    clearWindow(window);
  }
  window.lastAt = seen.at;
  const step: Step = window.spare ?? { intervalMs: 0, tallies: [], counts: [] };
  window.spare = undefined;
  step.intervalMs = seen.intervalMs;
  const { tallies, counts } = step;
  let size = 0;
  for (const key in seen.counts) {
    const count = seen.counts[key] ?? 0;
    if (!(count > 0 && count < Number.MAX_SAFE_INTEGER)) continue;
    if (size === mostNames) break;
    const name = key.length > longestName ? key.slice(0, longestName) : key;
    const tally = window.sums.get(name) ?? newTally(window, name);
    tally.sum += count;
    tally.steps += 1;
    tallies[size] = tally;
    counts[size] = count;
    size += 1;
  }
  tallies.length = size;
  counts.length = size;
  window.steps.push(step);
  window.coveredMs += seen.intervalMs;
  while (window.coveredMs > windowMs + toleranceMs && window.steps.length > 1) dropOldest(window);
}

function newTally(window: CallWindow, name: string): Tally {
  const tally: Tally = { name, sum: 0, steps: 0 };
  window.sums.set(name, tally);
  return tally;
}

function dropOldest(window: CallWindow): void {
  const oldest = window.steps.shift();
  if (oldest === undefined) return;
  window.coveredMs -= oldest.intervalMs;
  const { tallies, counts } = oldest;
  for (let index = 0; index < tallies.length; index += 1) {
    const tally = tallies[index];
    if (tally === undefined) continue;
    tally.sum = Math.max(0, tally.sum - (counts[index] ?? 0));
    tally.steps -= 1;
    if (tally.steps === 0 && tally.sum === 0) window.sums.delete(tally.name);
  }
  window.spare = oldest;
}

/** Forgets everything. */
export function clearWindow(window: CallWindow): void {
  window.steps.length = 0;
  window.sums.clear();
  window.coveredMs = 0;
  window.lastAt = undefined;
}

/** The names in the latest observation, each with its calls in the latest second. */
export function latestTallies(window: CallWindow): readonly Readonly<Tally>[] {
  return window.steps.at(-1)?.tallies ?? [];
}

/** Calls of a name in the latest second; of a longer interval, the average a second. */
export function levelOf(window: CallWindow, { sum }: Pick<Tally, 'sum'> = { sum: 0 }): number {
  return window.coveredMs > windowMs + toleranceMs ? (sum * windowMs) / window.coveredMs : sum;
}
