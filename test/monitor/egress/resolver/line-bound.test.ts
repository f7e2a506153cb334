import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { boundLines } from '../../../../monitor/egress/resolver/line-bound.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
afterEach(() => void vi.useRealTimers());

test('Of a flood 2000 lines a second are read, and each that is passed over is told', () => {
  const read: string[] = [];
  const take = boundLines((line) => read.push(line));
  for (let index = 0; index < 2500; index += 1) take(`line ${index}`);
  expect(read.filter((line) => line !== '')).toHaveLength(2000);
  expect(read).toHaveLength(2500);
  vi.advanceTimersByTime(1000);
  take('the next second');
  expect(read.at(-1)).toBe('the next second');
});
