import { join } from 'node:path';
import { statSync } from 'node:fs';

import { expect, onTestFinished, test } from 'vitest';

import { defaultRetention } from '../../../monitor/record/retention.ts';
import type { RetentionLimits, Sweep } from '../../../monitor/record/retention.ts';
import type { Store } from '../../../monitor/record/store.ts';
import type { CoverageObservation } from '../../../monitor/model/observation.ts';
import {
  action,
  containment,
  expectOk,
  finding,
  nineOClock,
  openForTest,
  resource,
  temporaryFolder,
  workload,
} from './examples.ts';

const hour = 3_600_000;
const day = 24 * hour;

function newPath(): string {
  const folder = temporaryFolder();
  onTestFinished(() => folder.dispose());
  return join(folder.path, 'sentra.sqlite');
}

/** Sweeps to the end; every step is bounded. */
function sweepAll(store: Store, now: number, limits: RetentionLimits): Sweep {
  for (let step = 0; step < 10_000; step += 1) {
    const sweep = expectOk(store.retention.sweep(now, limits));
    expect(sweep.removedRows).toBeLessThanOrEqual(100);
    if (!sweep.more) return sweep;
  }
  throw new Error('Sweeping does not come to an end');
}

function coverage(at: number): CoverageObservation {
  const seen = { sensor: 'resource', sight: { state: 'seeing' }, since: at, dropped: 0 } as const;
  return {
    kind: 'coverage',
    workload: 'builder',
    container: 'c'.repeat(64),
    at,
    coverage: seen,
  };
}

/** Three hours of seconds for some workloads, and 300 of each of the other things. */
function fill(path: string): { readonly store: Store; readonly now: number } {
  const clock = { now: nineOClock };
  const store = openForTest(path, { now: () => clock.now });
  expectOk(store.workloads.put(workload(), clock.now));
  for (let second = 0; second < 3 * 3600; second += 1) {
    clock.now = nineOClock + second * 1000;
    for (const key of ['builder', 'b', 'c', 'd']) {
      store.samples.add(resource({ workload: key, at: clock.now, cpuCores: second / 7 }));
    }
    if (second % 30 === 29) expectOk(store.samples.flush());
  }
  clock.now = nineOClock + 3 * hour;
  expectOk(store.samples.flush());
  for (let number = 0; number < 300; number += 1) {
    const at = nineOClock + number;
    expectOk(store.coverage.put(coverage(at)));
    const status = number % 3 === 0 ? 'open' : 'closed';
    expectOk(store.findings.put(finding({ id: `finding-${number}`, at, status })));
    const outcome =
      number % 3 === 0
        ? ({ state: 'started' } as const)
        : ({ state: 'proved', proof: 'read back' } as const);
    expectOk(store.actions.put(action({ id: `action-${number}`, startedAt: at, outcome })));
  }
  expectOk(store.containments.put(containment()));
  return { store, now: clock.now };
}

function count(store: Store) {
  const spans = (resolution: 'second' | 'minute' | 'hour', hours = 24) =>
    expectOk(store.samples.read('builder', nineOClock, nineOClock + hours * hour, resolution))
      .length;
  return {
    // The first hour, which is the first to go.
    seconds: spans('second', 1),
    minutes: spans('minute'),
    hours: spans('hour'),
    coverage: expectOk(store.coverage.list({ limit: 1000 })).length,
    open: expectOk(store.findings.list({ status: 'open', limit: 1000 })).length,
    closed: expectOk(store.findings.list({ status: 'closed', limit: 1000 })).length,
    unfinished: expectOk(store.actions.unfinished()).length,
    actions: expectOk(store.actions.list({ limit: 1000 })).length,
    held: expectOk(store.containments.all()).length,
  };
}

test('by age: each table on its own, never what is open, unfinished or held', () => {
  const { store, now } = fill(newPath());
  const before = count(store);
  expect(before).toMatchObject({ minutes: 180, hours: 3, coverage: 300, open: 100, closed: 200 });
  const ages = defaultRetention.maxAgeMs;
  sweepAll(store, now, defaultRetention);
  expect(count(store)).toEqual(before);

  const briefly = { ...defaultRetention, maxAgeMs: { ...ages, seconds: 0, coverage: 1 * hour } };
  sweepAll(store, now, briefly);
  expect(count(store)).toEqual({ ...before, seconds: 0, coverage: 0 });

  sweepAll(store, now + 500 * day, defaultRetention);
  expect(count(store)).toEqual({
    ...{ seconds: 0, minutes: 0, hours: 0, coverage: 0, closed: 0 },
    ...{ open: 100, unfinished: 100, actions: 100, held: 1 },
  });
  expect(expectOk(store.workloads.all())).toEqual([]);

  // A workload that comes back begins anew.
  store.samples.add(resource({ at: nineOClock }));
  expectOk(store.samples.flush());
  expect(expectOk(store.samples.read('builder', 0, nineOClock + 1000, 'second'))).toHaveLength(1);
  store.close();
});

test('a workload that is watched for longer than its record is kept stays known', () => {
  const clock = { now: nineOClock };
  const store = openForTest(':memory:', { now: () => clock.now });
  expectOk(store.workloads.put(workload(), clock.now));
  clock.now = nineOClock + 500 * day;
  store.samples.add(resource({ at: clock.now - 60_000 }));
  expectOk(store.samples.flush());
  sweepAll(store, clock.now, defaultRetention);
  expect(expectOk(store.workloads.all())).toHaveLength(1);
  store.close();
});

test('the policy in force stays, however old', () => {
  const store = openForTest(':memory:');
  for (const text of ['one', 'two']) {
    const source = { kind: 'default' } as const;
    expectOk(store.policyVersions.put({ text, loadedAt: nineOClock, source }));
  }
  sweepAll(store, nineOClock + 1000 * day, defaultRetention);
  expect(expectOk(store.policyVersions.list(10)).map(({ text }) => text)).toEqual(['two']);
  store.close();
});

test('by size: names that a container made up go before what others were seen to do', () => {
  const store = openForTest(newPath());
  const name = (number: number) => `${String(number).padStart(6, '0')}.${'a'.repeat(230)}.test`;
  for (let past = 0; past < 4; past += 1) {
    const at = nineOClock + past * hour;
    const names = Array.from({ length: 500 }, (_, index) => {
      return { name: name(500 * past + index), refused: false, count: 1 };
    });
    expectOk(store.egressNames.add({ workload: 'builder', at, names }));
    expectOk(store.coverage.put(coverage(at)));
  }
  const now = nineOClock + 4 * hour;
  const { bytes } = sweepAll(store, now, defaultRetention);
  sweepAll(store, now, { ...defaultRetention, maxBytes: bytes - 200_000 });
  expect(expectOk(store.coverage.list({ limit: 10 }))).toHaveLength(4);
  const left = expectOk(store.egressNames.list('builder', nineOClock, 5000));
  expect(left.length).toBeLessThan(2000);
  store.close();
});

test('by size: the finest samples first, then coverage, and the file shrinks', () => {
  const path = newPath();
  const { store, now } = fill(path);
  const before = count(store);
  const { bytes } = sweepAll(store, now, defaultRetention);

  const withoutSome = sweepAll(store, now, { ...defaultRetention, maxBytes: bytes - 200_000 });
  expect(withoutSome.bytes).toBeLessThanOrEqual(bytes - 200_000);
  const some = count(store);
  expect(some.seconds).toBeLessThan(before.seconds);
  expect(some).toEqual({ ...before, seconds: some.seconds });

  const least = sweepAll(store, now, { ...defaultRetention, maxBytes: 0 });
  expect(count(store)).toEqual({
    ...{ seconds: 0, minutes: 0, hours: 0, coverage: 0, closed: 0 },
    ...{ open: 100, unfinished: 100, actions: 100, held: 1 },
  });
  store.close();
  // A megabyte may stay free for what comes next.
  expect(statSync(path).size).toBeLessThan(least.bytes + 1024 * 1024 + 65_536);
});
