import { describe, expect, test } from 'vitest';
import { resourceSight } from '../../../../monitor/sensors/coverage/resource-evidence.ts';
import { newSlot } from '../../../../monitor/sensors/resource/counter-slot.ts';
import {
  isSettled,
  newSampled,
  staysStill,
  takeReading,
  takeStillSpan,
} from '../../../../monitor/sensors/resource/sampled-container.ts';
import { workload } from '../../record/examples.ts';

function readEvery(periodMs: number) {
  const sampled = newSampled(workload(), 1, 8e9, 0);
  sampled.evidence.phase = 'running';
  sampled.evidence.carrier = 'cgroup';
  sampled.evidence.network = 'own';
  let observations = 0;
  for (let now = 0; now <= 10 * periodMs; now += periodMs) {
    const counters = { ...newSlot(), at: now, cpuNanoseconds: now, pids: 1 };
    const observation = takeReading(sampled, counters, 'cgroup', now, now, periodMs);
    if (observation !== undefined) observations += 1;
  }
  return { observations, dropped: sampled.evidence.dropped, evidence: sampled.evidence };
}

test('Readings that give observations keep the resource sensor seeing.', () => {
  const { observations, evidence } = readEvery(1000);
  expect(observations).toBe(10);
  expect(resourceSight(evidence, 10_000)).toEqual({ state: 'seeing' });
});

test('Readings too far apart to give an observation leave the resource sensor blind.', () => {
  const { observations, dropped, evidence } = readEvery(15_000);
  expect(observations).toBe(0);
  expect(dropped).toBeGreaterThan(0);
  expect(resourceSight(evidence, 150_000).state).toBe('blind');
});

describe('A container that has stood still for a minute', () => {
  const second = 1_000;

  function settled() {
    const sampled = newSampled(workload(), 1, 1e9, 0);
    for (let now = 0; now <= 61 * second; now += second) read(sampled, 5, now);
    return sampled;
  }

  function read(sampled: ReturnType<typeof newSampled>, cpuNanoseconds: number, now: number) {
    const slot = { ...newSlot(), cpuNanoseconds, pids: 1 };
    return takeReading(sampled, slot, 'cgroup', now, now, second);
  }

  test('is settled, and not before', () => {
    const sampled = newSampled(workload(), 1, 1e9, 0);
    for (let now = 0; now < 60 * second; now += second) {
      read(sampled, 5, now);
      expect(isSettled(sampled, now)).toBe(false);
    }
    expect(isSettled(settled(), 61 * second)).toBe(true);
  });

  test('is told of after eight seconds at the latest, and counts as seen meanwhile', () => {
    const sampled = settled();
    for (let at = 62; at <= 68; at += 1) {
      expect(staysStill(sampled, 5, at * second, at * second)).toBe(true);
    }
    expect(sampled.evidence.sampledAt).toBe(68 * second);
    expect(staysStill(sampled, 5, 69 * second, 69 * second)).toBe(false);
    expect(read(sampled, 5, 69 * second)?.intervalMs).toBe(8 * second);
  });

  test('is told of at once when it moves: first its stillness, then the second in which it moved', () => {
    const sampled = settled();
    expect(staysStill(sampled, 5, 62 * second, 62 * second)).toBe(true);
    expect(staysStill(sampled, 5, 63 * second, 63 * second)).toBe(true);
    expect(staysStill(sampled, 700_000_005, 64 * second, 64 * second)).toBe(false);
    expect(takeStillSpan(sampled, second)).toMatchObject({
      at: 63 * second,
      intervalMs: 2 * second,
      cpuCores: 0,
    });
    expect(read(sampled, 700_000_005, 64 * second)).toMatchObject({
      at: 64 * second,
      intervalMs: second,
      cpuCores: 0.7,
    });
    expect(isSettled(sampled, 65 * second)).toBe(false);
    expect(takeStillSpan(sampled, second)).toBeUndefined();
  });
});
