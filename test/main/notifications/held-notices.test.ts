import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createHeldNotices, heldPace } from '../../../main/notifications/held-notices.ts';
import type { HeldRequest } from '../../../monitor/model/held.ts';
import { fakeQuestion } from '../../monitor/rpc/fake-egress-service.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const waiting = (index: number): HeldRequest =>
  fakeQuestion({ id: `${index}`.padEnd(16, '0'), name: `n${index}.test` });

test('A container that asks for ever more is told of at once, and then ever more rarely.', () => {
  const shown: string[] = [];
  const notices = createHeldNotices((_, { title }) => shown.push(title), {
    monotonic: () => performance.now(),
  });
  const held: HeldRequest[] = [];
  for (let index = 0; index < 120; index += 1) {
    held.unshift(waiting(index));
    notices.onHeld(held.slice(0, 20));
    if (index === 0) expect(shown).toHaveLength(1);
    vi.advanceTimersByTime(500);
  }
  expect(shown.length).toBeLessThan(6);
  // What came meanwhile is in the one that follows.
  vi.advanceTimersByTime(heldPace.mostMs);
  expect(shown.at(-1)).toContain('20 connections');
  const before = shown.length;
  notices.onHeld([]);
  notices.onHeld([waiting(999)]);
  expect(shown).toHaveLength(before + 1);
  notices.stop();
});

test('It is told of no oftener when its questions end because nobody answered.', () => {
  const shown: string[] = [];
  const notices = createHeldNotices((_, { title }) => shown.push(title), {
    monotonic: () => performance.now(),
  });
  const unanswered = (index: number): HeldRequest => ({
    ...waiting(index),
    state: { kind: 'unanswered', quietUntil: 1e9 },
  });
  // Three crowds of twenty, each over after two minutes, and the next one right behind it.
  const counts: number[] = [];
  for (let crowd = 0; crowd < 3; crowd += 1) {
    const before = shown.length;
    const first = crowd * 100;
    const held: HeldRequest[] = [];
    for (let index = 0; index < 20; index += 1) {
      held.unshift(waiting(first + index));
      notices.onHeld(held);
      vi.advanceTimersByTime(6000);
    }
    notices.onHeld(held.map((_, index) => unanswered(first + index)));
    counts.push(shown.length - before);
  }
  expect(counts[0]).toBeLessThan(7);
  expect(counts.slice(1)).toEqual([1, 1]);
  // After a long rest it begins anew.
  vi.advanceTimersByTime(3 * heldPace.mostMs);
  notices.onHeld([waiting(900)]);
  notices.onHeld([waiting(901), waiting(900)]);
  const before = shown.length;
  vi.advanceTimersByTime(heldPace.firstMs);
  expect(shown).toHaveLength(before + 1);
  notices.stop();
});
