import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Workload } from '../../../monitor/model/workload.ts';
import {
  type CapUse,
  defaultGuardRails,
  judge,
  judgeRetry,
  takeFromCap,
} from '../../../monitor/respond/guard-rails.ts';
import { createMemoryEngine } from './memory-engine.ts';

const policy = { kind: 'policy', decision: 'd', rule: 'r' } as const;
const person = { kind: 'person' } as const;
const upkeep = { kind: 'upkeep', reason: 'r' } as const;

function workload(name = 'agent', labels: Record<string, string> = {}): Workload {
  const engine = createMemoryEngine();
  return engine.workload(engine.add({ name, labels }).id);
}

test('in any window no more than the cap is let through, and there is room again after it', () => {
  const cap = { actions: 6, windowMs: 60_000 };
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 30_000 }), { maxLength: 100 }), (steps) => {
      let use: CapUse = [];
      let now = 0;
      const taken: number[] = [];
      for (const step of steps) {
        now += step;
        const answer = takeFromCap(cap, use, now);
        use = answer.use;
        if (answer.verdict.kind === 'allowed') taken.push(now);
      }
      for (const end of taken) {
        const within = taken.filter((at) => at <= end && at > end - cap.windowMs);
        expect(within.length).toBeLessThanOrEqual(cap.actions);
      }
      expect(takeFromCap(cap, use, now + cap.windowMs).verdict.kind).toBe('allowed');
      expect(use.length).toBeLessThanOrEqual(cap.actions);
    }),
  );
});

test("Sentra's own container is nobody's to act on, and giving freedom back is always allowed", () => {
  const own = workload('sentra-helper', { 'sentra.helper': 'sha256:0' });
  for (const requester of [policy, person, upkeep]) {
    expect(judge(defaultGuardRails, 'pause', requester, own).kind).toBe('refused');
    expect(judge(defaultGuardRails, 'release', requester, own).kind).toBe('allowed');
  }
});

test('what only bears a label of it, as an image may, is acted on like any other', () => {
  for (const label of ['sentra.helper', 'sentra.role']) {
    const agent = workload('agent', { [label]: 'sha256:0' });
    for (const requester of [policy, person, upkeep]) {
      expect(judge(defaultGuardRails, 'kill', requester, agent).kind).toBe('allowed');
    }
  }
});

test('a protected container is refused to the policy alone', () => {
  const rails = { ...defaultGuardRails, isProtected: () => true };
  expect(judge(rails, 'kill', policy, workload()).kind).toBe('refused');
  expect(judge(rails, 'notify', policy, workload()).kind).toBe('allowed');
  expect(judge(rails, 'kill', person, workload()).kind).toBe('allowed');
});

test('what is not watched is acted on by nobody, but what is held there stays held', () => {
  const rails = { ...defaultGuardRails, isWatched: () => false };
  expect(judge(rails, 'kill', policy, workload()).kind).toBe('refused');
  expect(judge(rails, 'kill', person, workload()).kind).toBe('refused');
  expect(judge(rails, 'pause', upkeep, workload()).kind).toBe('allowed');
});

test('after a failure there is a wait, which ends', () => {
  const failure = { name: 'pause', at: 1_000 } as const;
  expect(judgeRetry(defaultGuardRails, failure, 5_999).kind).toBe('refused');
  expect(judgeRetry(defaultGuardRails, failure, 6_000).kind).toBe('allowed');
  expect(judgeRetry(defaultGuardRails, undefined, 0).kind).toBe('allowed');
});
