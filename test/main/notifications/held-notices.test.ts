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
