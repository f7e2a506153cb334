import { describe, expect, test } from 'vitest';
import type { ResourceCounters } from '../../../../monitor/engine/port.ts';
import { toObservation } from '../../../../monitor/sensors/resource/rates.ts';

const earlier: ResourceCounters = {
  at: 1000,
  cpuNanoseconds: 5e9,
  throttledPeriods: 2,
  periods: 10,
  memoryBytes: 100,
  anonymousBytes: 50,
  cacheBytes: 20,
  memoryLimitBytes: undefined,
  pageFaults: 1000,
  pids: 3,
  pidsLimit: undefined,
  forksRefused: undefined,
  network: { receivedBytes: 1000, sentBytes: 500, receivedPackets: 10, sentPackets: 5 },
  block: { readBytes: 0, writtenBytes: 100 },
};
const later: ResourceCounters = {
  ...earlier,
  at: 3000,
  cpuNanoseconds: 6e9,
  throttledPeriods: 7,
  periods: 20,
  memoryBytes: 200,
  pageFaults: 1200,
  pids: 4,
  network: { receivedBytes: 3000, sentBytes: 500, receivedPackets: 30, sentPackets: 5 },
  block: { readBytes: 0, writtenBytes: 4100 },
};

const context = {
  workload: { key: 'agent', container: 'a'.repeat(64) },
  at: 9000,
  elapsedMs: 2000,
  hostMemoryBytes: 8e9,
  carrier: 'stats',
} as const;

describe('two readings of counters', () => {
  test('give averages over the interval between them', () => {
    expect(toObservation(earlier, later, context)).toEqual({
      kind: 'resource',
      at: 9000,
      workload: 'agent',
      container: 'a'.repeat(64),
      intervalMs: 2000,
      cpuCores: 0.5,
      throttledShare: 0.5,
      memoryBytes: 200,
      anonymousBytes: 50,
      cacheBytes: 20,
      memoryLimitBytes: 8e9,
      memoryLimited: false,
      faultsPerSecond: 100,
      pids: 4,
      pidsLimit: undefined,
      network: { receivedBytes: 1000, sentBytes: 0, receivedPackets: 10, sentPackets: 0 },
      block: { readBytes: 0, writtenBytes: 2000 },
      carrier: 'stats',
    });
  });

  const fresh = { ...later, cpuNanoseconds: 1000 };
  const jumped = { ...later, at: 3000 + 3_600_000 };
  const skewed = { ...later, at: 9000 };
  const setBack = { ...later, at: 500 };
  test.each([
    ['counters that went back belong to another run', fresh, context, 'restarted'],
    [
      'a second message of the same moment says nothing',
      { ...later, at: 1000 },
      context,
      'no-time',
    ],
    ['the engine set its clock back', setBack, context, 'no-time'],
    ['the engine set its clock forward', jumped, context, 'gap'],
    ['the engine says 8 s where 2 s passed', skewed, context, 'gap'],
    [
      'nothing was read for 11 s',
      later,
      { ...context, carrier: 'cgroup', elapsedMs: 11_000 },
      'gap',
    ],
  ] as const)('%s', (_, next, over, why) => {
    expect(toObservation(earlier, next, over)).toBe(why);
  });

  test('what a limit of processes refused is counted from reading to reading', () => {
    const refused = (before: number | undefined, after: number | undefined): unknown =>
      toObservation(
        { ...earlier, forksRefused: before },
        { ...later, forksRefused: after },
        context,
      );
    expect(refused(3, 315)).toMatchObject({ forksRefused: 312 });
    expect(refused(undefined, 315)).toMatchObject({ forksRefused: undefined });
    expect(refused(315, undefined)).toMatchObject({ forksRefused: undefined });
    expect(refused(315, 2), 'another limit began anew').toMatchObject({ forksRefused: undefined });
  });

  test('a wall clock that jumps does not touch what is timed by the monotonic one', () => {
    const observation = toObservation(earlier, jumped, { ...context, carrier: 'cgroup' });
    expect(observation).toMatchObject({ intervalMs: 2000, cpuCores: 0.5 });
  });

  test('an interface that left makes the traffic unknown for one interval, not zero', () => {
    const detached = {
      ...later,
      network: { receivedBytes: 0, sentBytes: 0, receivedPackets: 0, sentPackets: 0 },
    };
    expect(toObservation(earlier, detached, context)).toMatchObject({ network: undefined });
  });

  test('the limit is the container’s own where it has one', () => {
    const limited = { ...later, memoryLimitBytes: 4096 };
    expect(toObservation(earlier, limited, context)).toMatchObject({
      memoryLimitBytes: 4096,
      memoryLimited: true,
    });
  });
});
