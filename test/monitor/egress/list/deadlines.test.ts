import { expect, test } from 'vitest';
import {
  createDeadlines,
  type StoredDeadlines,
} from '../../../../monitor/egress/list/deadlines.ts';

const hour = 3_600_000;

test('What is over stays over, however long ago, while a clock that was set back has it ahead.', () => {
  let [now, passed] = [Date.UTC(2026, 5, 1), 0];
  let kept: StoredDeadlines = [];
  const record = { read: () => kept, write: (all: StoredDeadlines) => void (kept = all) };
  const clocks = { now: () => now, monotonic: () => passed };
  const deadlines = createDeadlines(clocks, record);
  const end = now + hour;
  expect(deadlines.isPast(end)).toBe(false);
  now -= 48 * hour;
  passed += 26 * hour;
  now += 26 * hour;
  expect(deadlines.isPast(end)).toBe(true);
  deadlines.keep();
  expect(deadlines.isPast(end)).toBe(true);
  expect(createDeadlines(clocks, record).isPast(end)).toBe(true);
  // Once it has come by that clock, too, nothing of it needs to be kept.
  passed += 24 * hour;
  now += 24 * hour;
  deadlines.keep();
  deadlines.keep();
  expect(kept).toEqual([]);
});

test('Of a rule for one use, whose end moves with each look, nothing piles up.', () => {
  let now = Date.UTC(2026, 5, 1);
  const written: number[] = [];
  const record = { read: () => [], write: (all: StoredDeadlines) => void written.push(all.length) };
  const clocks = { now: () => now, monotonic: () => now };
  const deadlines = createDeadlines(clocks, record);
  for (let look = 0; look < 3600; look += 1) {
    expect(deadlines.isPast(now + 30_000)).toBe(false);
    now += 1000;
    if (look % 60 === 59) deadlines.keep();
  }
  expect(Math.max(...written)).toBeLessThan(200);
});
