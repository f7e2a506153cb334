import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { expect, onTestFinished, test } from 'vitest';

import { defaultRetention } from '../../../monitor/record/retention.ts';
import { toStoreError } from '../../../monitor/record/store-error.ts';
import {
  action,
  containment,
  expectFailure,
  expectOk,
  finding,
  nineOClock,
  openForTest,
  resource,
  temporaryFolder,
} from './examples.ts';

function newPath(): string {
  const folder = temporaryFolder();
  onTestFinished(() => folder.dispose());
  mkdirSync(join(folder.path, 'state'), { mode: 0o700 });
  return join(folder.path, 'state', 'sentra.sqlite');
}

/** Another process that takes the write lock and keeps it until it is released. */
async function holdWriteLock(path: string): Promise<() => Promise<void>> {
  const script = `
    const { DatabaseSync } = require('node:sqlite');
    const file = new DatabaseSync(process.argv[1]);
    file.exec('BEGIN IMMEDIATE');
    process.stdout.write('held');
    process.stdin.on('end', () => file.exec('ROLLBACK')).resume();
  `;
  const holder = spawn(process.execPath, ['-e', script, path], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await once(holder.stdout, 'data');
  return async () => {
    const closed = once(holder, 'close');
    holder.stdin.end();
    await closed;
  };
}

test('while another process holds the file, writes fail soon, and nothing is lost after', async () => {
  const path = newPath();
  const store = openForTest(path);
  expectOk(store.findings.put(finding()));
  const release = await holdWriteLock(path);

  store.samples.add(resource());
  const started = performance.now();
  const samplesError = expectFailure(store.samples.flush());
  expect(performance.now() - started).toBeLessThan(4_000);
  expect(samplesError.kind).toBe('busy');
  expect(samplesError.message).toContain('The samples were not recorded');
  expect(samplesError.advice).toContain('Another program holds the file');
  expect(expectFailure(store.findings.put(finding({ id: 'second' }))).kind).toBe('busy');
  expect(expectFailure(store.containments.put(containment())).kind).toBe('busy');
  // Reading goes on.
  expect(expectOk(store.findings.list({ limit: 10 }))).toHaveLength(1);

  await release();
  expectOk(store.samples.flush());
  expectOk(store.findings.put(finding({ id: 'second' })));
  expectOk(store.containments.put(containment()));
  expect(store.lost().samples).toBe(0);
  const spans = expectOk(store.samples.read('builder', 0, nineOClock + 1000, 'second'));
  expect(spans).toHaveLength(1);
  expectOk(store.close());
});

test('a full file refuses writes with advice, keeps what it has, and goes on when there is room', () => {
  const path = newPath();
  const clock = { now: nineOClock };
  const store = openForTest(path, { now: () => clock.now, ceilingBytes: 400 * 1024 });
  expectOk(store.containments.put(containment()));
  let written = 0;
  let error;
  for (; error === undefined && written < 100_000; written += 1) {
    for (let second = 0; second < 60; second += 1) {
      clock.now += 1000;
      for (const key of ['builder', 'b', 'c']) {
        store.samples.add(resource({ workload: key, at: clock.now, cpuCores: written / 7 }));
      }
    }
    const flushed = store.samples.flush();
    if (!flushed.ok) error = flushed.error;
  }
  expect(error?.kind).toBe('full');
  expect(error?.message).toContain('The samples were not recorded');
  expect(error?.advice).toContain('Free some space');

  // Watching goes on: samples wait, at last they are lost, and counted.
  for (let second = 0; second < 10_000; second += 1) {
    clock.now += 1000;
    for (const key of ['builder', 'b'])
      store.samples.add(resource({ workload: key, at: clock.now }));
    if (second % 500 === 0) expect(store.samples.flush().ok).toBe(false);
  }
  expect(store.lost().samples).toBeGreaterThan(0);
  expect(expectOk(store.containments.all())).toEqual([containment()]);

  const small = { ...defaultRetention, maxBytes: 200 * 1024 };
  while (expectOk(store.retention.sweep(clock.now, small)).more);
  expectOk(store.actions.put(action()));
  const lost = store.lost().samples;
  expectOk(store.close());

  const again = openForTest(path);
  expect(again.origin.kind).toBe('found');
  expect(expectOk(again.actions.unfinished())).toHaveLength(1);
  expect(lost).toBeGreaterThan(0);
  expectOk(again.close());
});

test.each([
  [8, 'read-only', 'writable'],
  [778, 'failed', 'report'],
  [13, 'full', 'Free some space'],
  [14, 'no-access', 'folder'],
  [11, 'corrupt', 'Start Sentra again'],
  [261, 'busy', 'Close it'],
])('SQLite error %i is %s, with what to do', (errcode, kind, advice) => {
  const thrown = Object.assign(new Error('it says so'), { code: 'ERR_SQLITE_ERROR', errcode });
  const error = toStoreError('The finding was not recorded', thrown);
  expect(error.kind).toBe(kind);
  expect(error.message).toBe('The finding was not recorded: it says so.');
  expect(error.advice).toContain(advice);
});

test('a bug is thrown, not returned', () => {
  expect(() => toStoreError('Nothing', new TypeError('a bug'))).toThrow('a bug');
});
