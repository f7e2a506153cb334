import { join } from 'node:path';

import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';

import type { ResourceObservation } from '../../../monitor/model/observation.ts';
import type { Resolution } from '../../../monitor/record/sample-blocks.ts';
import type { SampleSpan } from '../../../monitor/record/samples.ts';
import type { Store } from '../../../monitor/record/store.ts';
import {
  expectFailure,
  expectOk,
  nineOClock,
  openForTest,
  resource,
  temporaryFolder,
} from './examples.ts';

const hour = 3_600_000;

/** All spans from `from` on, read in parts: one reading gives 5,000 at most. */
function spans(
  store: Store,
  resolution: Resolution,
  workload = 'builder',
  from = nineOClock,
): readonly SampleSpan[] {
  const part = resolution === 'second' ? 5_000_000 : 24 * hour;
  const all: SampleSpan[] = [];
  for (let start = from; start < nineOClock + 12 * hour; start += part) {
    all.push(...expectOk(store.samples.read(workload, start, start + part, resolution)));
  }
  return all;
}

/** A store whose clock the test sets. */
function storeWithClock(path = ':memory:') {
  const clock = { now: nineOClock };
  const store = openForTest(path, { now: () => clock.now });
  return { clock, store };
}

function newPath(): string {
  const folder = temporaryFolder();
  onTestFinished(() => folder.dispose());
  return join(folder.path, 'sentra.sqlite');
}

describe('samples', () => {
  test('are read back at once, rounded to the step they are kept in', () => {
    const { store } = storeWithClock();
    store.samples.add(resource({ cpuCores: 0.123_456_7, memoryBytes: 10_000, pidsLimit: 100 }));
    const [span] = spans(store, 'second');
    expect(span?.at).toBe(nineOClock);
    expect(span?.series.cpuCores).toEqual({ mean: 0.123457, max: 0.123457, count: 1 });
    expect(span?.series.memoryBytes?.mean).toBe(10_240);
    expect(span?.series.pidsLimit?.mean).toBe(100);
    expect(span?.series.writtenBytes?.mean).toBe(4096);
    // The network could not be told apart: nothing, and not a zero.
    expect(span?.series.receivedBytes).toBeUndefined();
    expect(spans(store, 'second', 'another')).toEqual([]);
  });

  test('roll up to minutes and hours, and are found in all three', () => {
    const { clock, store } = storeWithClock();
    for (let second = 0; second < 7200; second += 1) {
      clock.now = nineOClock + second * 1000;
      store.samples.add(resource({ at: clock.now, cpuCores: second / 1000 }));
      if (second % 5 === 4) expectOk(store.samples.flush());
    }
    expect(spans(store, 'second')).toHaveLength(7200);
    // Of all that was asked for, the latest.
    const seconds = expectOk(store.samples.read('builder', 0, Infinity, 'second'));
    expect(seconds.length).toBeGreaterThan(4900);
    expect(seconds.length).toBeLessThanOrEqual(5000);
    expect(seconds.at(-1)?.series.cpuCores?.max).toBe(7.199);

    const minutes = spans(store, 'minute');
    expect(minutes).toHaveLength(120);
    expect(minutes.every((minute) => minute.series.cpuCores?.count === 60)).toBe(true);
    expect(minutes[1]?.series.cpuCores?.mean).toBeCloseTo(0.0895, 12);
    expect(minutes[1]?.series.cpuCores?.max).toBe(0.119);

    const hours = spans(store, 'hour');
    expect(hours.map(({ at, series }) => [at, series.cpuCores?.count])).toEqual([
      [nineOClock, 3600],
      [nineOClock + hour, 3600],
    ]);
    expect(hours[0]?.series.cpuCores?.mean).toBeCloseTo(1.7995, 12);
  });

  test('of a second that came in parts are one second', () => {
    const { store } = storeWithClock();
    for (const [at, pids] of [
      [0, 4],
      [100, 9],
      [200, 2],
    ] as const) {
      store.samples.add(resource({ at: nineOClock + at, pids }));
      expectOk(store.samples.flush());
    }
    expect(spans(store, 'second')[0]?.series.pids).toEqual({ mean: 5, max: 9, count: 3 });
  });

  test('flushed before the process died are counted once, in every resolution', () => {
    const path = newPath();
    const { clock, store } = storeWithClock(path);
    for (let second = 0; second < 90; second += 1) {
      clock.now = nineOClock + second * 1000;
      store.samples.add(resource({ at: clock.now }));
      if (second % 5 === 4) expectOk(store.samples.flush());
    }
    store.samples.add(resource({ at: nineOClock + 90_000 }));
    // No close: the file is opened again as it is after a SIGKILL.
    const { clock: laterClock, store: later } = storeWithClock(path);
    laterClock.now = nineOClock + 3 * hour;
    expectOk(later.samples.flush());
    for (const resolution of ['second', 'minute', 'hour'] as const) {
      const counts = spans(later, resolution).map(({ series }) => series.pids?.count ?? 0);
      expect(
        counts.reduce((sum, count) => sum + count, 0),
        resolution,
      ).toBe(90);
    }
    later.close();
    store.close();
  });

  test('of a clock that jumps there and back are all kept', () => {
    const { clock, store } = storeWithClock();
    for (const jump of [0, 5 * hour, -2 * hour, 0, 1000]) {
      clock.now = nineOClock + jump;
      store.samples.add(resource({ at: clock.now }));
      expectOk(store.samples.flush());
    }
    clock.now = nineOClock + 6 * hour;
    expectOk(store.samples.flush());
    const counts = spans(store, 'hour', 'builder', nineOClock - 3 * hour).map(({ at, series }) => [
      at,
      series.pids?.count,
    ]);
    expect(counts).toEqual([
      [nineOClock - 2 * hour, 1],
      [nineOClock, 3],
      [nineOClock + 5 * hour, 1],
    ]);
  });

  test('of very many workloads are folded a part at a time, and none is left behind', () => {
    const { clock, store } = storeWithClock();
    const keys = Array.from({ length: 500 }, (_, index) => `agent-${index}`);
    for (let second = 0; second < 60; second += 20) {
      clock.now = nineOClock + second * 1000;
      for (const workload of keys) store.samples.add(resource({ workload, at: clock.now }));
      expectOk(store.samples.flush());
    }
    for (let round = 0; round < 6; round += 1) {
      clock.now = nineOClock + 60_000 + round * 5000;
      expectOk(store.samples.flush());
    }
    for (const key of keys) {
      expect(spans(store, 'hour', key)[0]?.series.pids?.count, key).toBe(3);
    }
  });

  test('are bounded and counted as lost when they cannot be written', () => {
    const { store } = storeWithClock(newPath());
    store.close();
    for (let second = 0; second < 20_001; second += 1) {
      store.samples.add(resource({ at: nineOClock + second * 1000 }));
    }
    store.samples.add(resource({ at: Number.NaN }));
    expect(expectFailure(store.samples.flush()).kind).toBe('closed');
    expect(store.lost().samples).toBe(20_001);
  });
});

describe('roll-ups', () => {
  /** Values whose sums a double cannot hold exactly unless they are kept in whole steps. */
  const cores = fc.double({ min: 0, max: 1000, noNaN: true });
  const observations = fc.array(
    fc.record({
      offsetMs: fc.integer({ min: 0, max: 3 * hour }),
      cpuCores: cores,
      sentBytes: fc.option(fc.double({ min: 0, max: 1e12, noNaN: true }), { nil: undefined }),
      flushAfter: fc.boolean(),
      clockMs: fc.integer({ min: 0, max: 4 * hour }),
    }),
    { minLength: 1, maxLength: 120 },
  );

  test('of any split, in any order, equal the direct computation', () => {
    fc.assert(
      fc.property(observations, (items) => {
        const { clock, store } = storeWithClock();
        const direct = new Map<number, { sum: number; max: number; count: number }>();
        const sent: number[] = [];
        for (const item of items) {
          const at = nineOClock + item.offsetMs;
          const network: ResourceObservation['network'] =
            item.sentBytes === undefined
              ? undefined
              : { receivedBytes: 0, receivedPackets: 0, sentPackets: 0, sentBytes: item.sentBytes };
          store.samples.add(resource({ at, cpuCores: item.cpuCores, network }));
          const micro = Math.round(item.cpuCores * 1e6);
          const start = at - (at % hour);
          const span = direct.get(start) ?? { sum: 0, max: 0, count: 0 };
          const max = Math.max(span.max, micro);
          direct.set(start, { sum: span.sum + micro, max, count: span.count + 1 });
          if (item.sentBytes !== undefined)
            sent.push(Math.min(2 ** 37, Math.round(item.sentBytes)));
          clock.now = nineOClock + item.clockMs;
          if (item.flushAfter) expectOk(store.samples.flush());
        }
        clock.now = nineOClock + 10 * hour;
        expectOk(store.samples.flush());

        const hours = spans(store, 'hour');
        expect(new Set(hours.map(({ at }) => at))).toEqual(new Set(direct.keys()));
        for (const { at, series } of hours) {
          const { sum, max, count } = direct.get(at)!;
          expect(series.cpuCores).toEqual({ mean: sum / count / 1e6, max: max / 1e6, count });
        }
        for (const resolution of ['second', 'minute', 'hour'] as const) {
          const bytes = spans(store, resolution).flatMap(({ series }) => series.sentBytes ?? []);
          const count = bytes.reduce((total, one) => total + one.count, 0);
          expect(count).toBe(sent.length);
          const largest = bytes.reduce((most, one) => Math.max(most, one.max), 0);
          expect(largest).toBe(Math.max(0, ...sent));
        }
        store.close();
      }),
      { numRuns: 60 },
    );
  });
});
