import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  newEvidence,
  resourceSight,
  weighPaused,
  type ResourceEvidence,
} from '../../../../monitor/sensors/coverage/resource-evidence.ts';
import { startCoverage, stepCoverage } from '../../../../monitor/sensors/coverage/step-coverage.ts';

const healthy: ResourceEvidence = {
  ...newEvidence(0),
  phase: 'running',
  carrier: 'cgroup',
  sampledAt: 10_000,
  mainProcess: 'inside',
  network: 'own',
  cpuMovedAt: 10_000,
};

describe('what the figures of a running container are worth', () => {
  test.each<[string, Partial<ResourceEvidence>, number, string]>([
    ['fresh figures', {}, 11_000, 'seeing'],
    ['nothing has arrived yet', { sampledAt: undefined, expectedSince: 9000 }, 11_000, 'starting'],
    ['nothing ever arrived for 5 s', { sampledAt: undefined }, 11_000, 'blind'],
    ['silence for 5 s', {}, 15_000, 'blind'],
    ['its cgroup is empty for 5 s', { emptySince: 6000 }, 11_000, 'blind'],
    ['its cgroup is empty for a moment', { emptySince: 10_000 }, 11_000, 'seeing'],
    ['its main process was moved', { mainProcess: 'elsewhere' }, 11_000, 'partly'],
    ['processes outside its cgroup', { outside: 2 }, 11_000, 'partly'],
    ['something mounted over its files', { files: 'replaced' }, 11_000, 'partly'],
    ['the network of the host', { network: 'inseparable' }, 11_000, 'partly'],
    ['no network counters', { network: 'unreadable' }, 11_000, 'partly'],
    ['no network at all', { network: 'none' }, 11_000, 'seeing'],
    ['sends without CPU time', { bytesWithoutCpu: 1e6, cpuMovedAt: 5000 }, 11_000, 'partly'],
    ['idle without traffic', { bytesWithoutCpu: 0, cpuMovedAt: 0 }, 11_000, 'seeing'],
    ['paused and standing still', { phase: 'paused' }, 60_000, 'seeing'],
    ['stopped', { phase: 'stopped' }, 60_000, 'starting'],
  ])('%s', (_, change, now, state) => {
    expect(resourceSight({ ...healthy, ...change }, now).state).toBe(state);
  });

  test('a paused container whose CPU time moves twice is partly seen, until it stood still for 10 s', () => {
    const evidence: ResourceEvidence = { ...healthy, phase: 'paused' };
    const state = (now: number): string => resourceSight(evidence, now).state;
    expect(weighPaused(evidence, 5e9, 11_000)).toBe(false);
    expect(weighPaused(evidence, 5e9, 12_000)).toBe(false);
    // Once may be an unpause that is not told yet: a reason to ask, none to turn the badge.
    expect(weighPaused(evidence, 5.1e9, 13_000)).toBe(true);
    expect(state(13_000)).toBe('seeing');
    expect(weighPaused(evidence, 5.2e9, 14_000)).toBe(false);
    expect(state(14_000)).toBe('partly');
    weighPaused(evidence, 5.2e9, 15_000);
    expect(state(23_000)).toBe('partly');
    weighPaused(evidence, 5.2e9, 24_000);
    expect(state(24_000)).toBe('seeing');
    expect(weighPaused(evidence, 5.3e9, 25_000)).toBe(true);
    expect(state(25_000)).toBe('seeing');
  });

  test('a reason is a sentence with the number of processes in it', () => {
    const sight = resourceSight({ ...healthy, outside: 1 }, 11_000);
    expect(sight).toEqual({
      state: 'partly',
      reason: '1 process of the container is outside its cgroup and not counted.',
    });
  });

  test('whatever the evidence, silence of a running container is never called seeing', () => {
    const evidence = fc.record({
      carrier: fc.constantFrom('cgroup', 'stats', 'none'),
      sampledAt: fc.option(fc.integer({ min: 0, max: 10_000 }), { nil: undefined }),
      mainProcess: fc.constantFrom('inside', 'elsewhere', 'gone', 'unknown'),
      files: fc.constantFrom('same', 'replaced', 'unreadable'),
      network: fc.constantFrom('own', 'inseparable', 'unreadable', 'elsewhere', 'none'),
      outside: fc.nat(5),
    });
    fc.assert(
      fc.property(evidence, fc.integer({ min: 15_000, max: 30_000 }), (change, now) => {
        expect(resourceSight({ ...healthy, ...change }, now).state).toBe('blind');
      }),
    );
  });
});

describe('a badge', () => {
  test('is the same object while nothing changes', () => {
    const first = startCoverage('resource', 1);
    expect(stepCoverage(first, { state: 'starting' }, 0, 9)).toBe(first);
    const blind = stepCoverage(first, { state: 'blind', reason: 'a' }, 0, 9);
    expect(stepCoverage(blind, { state: 'blind', reason: 'a' }, 0, 10)).toBe(blind);
  });

  test('tells since when its state holds, also when the reason or the loss grows', () => {
    const blind = stepCoverage(startCoverage('resource', 1), { state: 'blind', reason: 'a' }, 0, 9);
    const other = stepCoverage(blind, { state: 'blind', reason: 'b' }, 3, 20);
    expect(other).toEqual({
      sensor: 'resource',
      sight: { state: 'blind', reason: 'b' },
      since: 9,
      dropped: 3,
    });
    expect(stepCoverage(other, { state: 'seeing' }, 3, 30).since).toBe(30);
    const limited = stepCoverage(other, { state: 'seeing', limits: ['A.', 'B.'] }, 3, 30);
    expect(stepCoverage(limited, { state: 'seeing', limits: ['A.', 'B.'] }, 3, 40)).toBe(limited);
    expect(stepCoverage(limited, { state: 'seeing', limits: ['A.'] }, 3, 40)).not.toBe(limited);
  });
});
