import type { Milliseconds } from '../../model/time.ts';
import { memoryMs } from './episode-history.ts';

/**
 * How many alarms there were, by spans of six hours of container time watched, oldest first. Spans
 * without any are left out, and so is what is older than 30 days: 121 entries at most, however many
 * alarms there were.
 */
export type AlarmTally = [span: number, count: number][];

/** Entries at most. */
export const mostSpans = 121;

const spanMs: Milliseconds = memoryMs / (mostSpans - 1);

/** One more, after so much watching. */
export function countAlarm(tally: AlarmTally, watchedMs: Milliseconds): void {
  const span = Math.floor(watchedMs / spanMs);
  while (tally[0] !== undefined && span - tally[0][0] >= mostSpans) tally.shift();
  const latest = tally.at(-1);
  if (latest?.[0] === span) latest[1] += 1;
  else tally.push([span, 1]);
}

/** How many there were in the last 30 days watched, a span that began before them left out. */
export function alarmsIn(tally: AlarmTally, watchedMs: Milliseconds): number {
  return tally
    .filter(([span]) => span * spanMs >= watchedMs - memoryMs)
    .reduce((sum, [, count]) => sum + count, 0);
}
