import type { Moment } from '../../model/time.ts';

/** So long it is told after the last of them. */
const lateMs = 2 * 60_000;

/**
 * Says by how much counters rose lately; undefined where they did not. `counts` are what each of them
 * says so far: one that fell began anew.
 */
export function createLately(): (counts: readonly number[], now: Moment) => number | undefined {
  let before: readonly number[] = [];
  let lately = 0;
  let lastAt = 0;
  return (counts, now) => {
    const more = counts.reduce((sum, count, index) => {
      const known = before[index] ?? 0;
      return sum + (count < known ? count : count - known);
    }, 0);
    before = counts;
    if (more > 0) {
      lately += more;
      lastAt = now;
    } else if (Math.abs(now - lastAt) > lateMs) lately = 0;
    return lately > 0 ? lately : undefined;
  };
}
