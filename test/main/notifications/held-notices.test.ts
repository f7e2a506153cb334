import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createHeldNotices, heldPace } from '../../../main/notifications/held-notices.ts';
import type { HeldQuestion, HeldRequest } from '../../../monitor/model/held.ts';
import { fakeQuestion } from '../../monitor/rpc/fake-egress-service.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const waiting = (index: number): HeldRequest =>
  fakeQuestion({ id: `${index}`.padEnd(16, '0'), name: `n${index}.test` });

/** Notices whose titles and texts are kept; the monitor knows that much about each question. */
function stage(
  ask: (id: string) => Promise<HeldQuestion | undefined> = () => Promise.resolve(undefined),
) {
  const [shown, bodies]: [string[], string[]] = [[], []];
  const clock = { monotonic: () => performance.now(), now: () => Date.now() };
  const notices = createHeldNotices(
    (_, { title, body }) => {
      shown.push(title);
      bodies.push(body);
    },
    clock,
    ask,
  );
  return { shown, bodies, notices };
}

test('One question comes with what the record says about it; a crowd does not, nor what nobody can say.', async () => {
  const hour = 3_600_000;
  const question = fakeQuestion({
    ...{ id: '1'.padEnd(16, '0'), name: 'n1.test', destinations: 412 },
    ...{ lastVisit: undefined, recordedSince: Date.now() - 72 * hour },
    offers: [{ rule: { verdict: 'allow', target: 'n1.test' }, matched: 7 }],
  });
  const known = stage(() => Promise.resolve(question));
  known.notices.onHeld([waiting(1)]);
  await vi.advanceTimersByTimeAsync(0);
  expect(known.bodies).toEqual([
    expect.stringContaining(
      'It was never there in the 3 days on record. Allowing just that would have matched 7 of 412 destinations of the past day.',
    ),
  ]);
  const there = stage(() => Promise.resolve({ ...question, lastVisit: Date.now() - 2 * hour }));
  there.notices.onHeld([waiting(1)]);
  await vi.advanceTimersByTimeAsync(0);
  expect(there.bodies[0]).toContain('It was there 2 hours ago.');
  for (const ask of [() => Promise.reject(new Error('gone')), () => Promise.resolve(undefined)]) {
    const unknown = stage(ask);
    unknown.notices.onHeld([waiting(1)]);
    await vi.advanceTimersByTimeAsync(0);
    expect(unknown.bodies).toEqual([expect.stringMatching(/^n1\.test \(tcp 443\)\. No rule/)]);
  }
});

test('What was answered before it could be told is not told.', async () => {
  const { shown, notices } = stage();
  notices.onHeld([waiting(1)]);
  notices.onHeld([]);
  await vi.advanceTimersByTimeAsync(0);
  expect(shown).toEqual([]);
});

test('A container that asks for ever more is told of at once, and then ever more rarely.', async () => {
  const { shown, notices } = stage();
  const held: HeldRequest[] = [];
  for (let index = 0; index < 120; index += 1) {
    held.unshift(waiting(index));
    notices.onHeld(held.slice(0, 20));
    await vi.advanceTimersByTimeAsync(0);
    if (index === 0) expect(shown).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(500);
  }
  expect(shown.length).toBeLessThan(6);
  // What came meanwhile is in the one that follows.
  await vi.advanceTimersByTimeAsync(heldPace.mostMs);
  expect(shown.at(-1)).toContain('20 connections');
  const before = shown.length;
  notices.onHeld([]);
  notices.onHeld([waiting(999)]);
  await vi.advanceTimersByTimeAsync(0);
  expect(shown).toHaveLength(before + 1);
  notices.stop();
});

test('It is told of no oftener when its questions end because nobody answered.', async () => {
  const { shown, notices } = stage();
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
      await vi.advanceTimersByTimeAsync(6000);
    }
    notices.onHeld(held.map((_, index) => unanswered(first + index)));
    counts.push(shown.length - before);
  }
  expect(counts[0]).toBeLessThan(7);
  expect(counts.slice(1)).toEqual([1, 1]);
  // After a long rest it begins anew.
  await vi.advanceTimersByTimeAsync(3 * heldPace.mostMs);
  notices.onHeld([waiting(900)]);
  await vi.advanceTimersByTimeAsync(0);
  notices.onHeld([waiting(901), waiting(900)]);
  const before = shown.length;
  await vi.advanceTimersByTimeAsync(heldPace.firstMs);
  expect(shown).toHaveLength(before + 1);
  notices.stop();
});
