import { expect, test } from 'vitest';
import { resourceSight } from '../../../../monitor/sensors/coverage/resource-evidence.ts';
import { newSlot } from '../../../../monitor/sensors/resource/counter-slot.ts';
import { newSampled, takeReading } from '../../../../monitor/sensors/resource/sampled-container.ts';
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
