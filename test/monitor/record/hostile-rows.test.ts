import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';

import { silentLogger } from '../../../monitor/runtime/logger.ts';
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

test('rows written by another hand are left out and counted; what is good stays', () => {
  const folder = temporaryFolder();
  onTestFinished(() => folder.dispose());
  const path = join(folder.path, 'sentra.sqlite');
  const before = openForTest(path);
  expectOk(before.findings.put(finding()));
  expectOk(before.actions.put(action()));
  expectOk(before.containments.put(containment()));
  expectOk(before.workloads.put(workload(), nineOClock));
  before.samples.add(resource());
  expectOk(before.close());

  const huge = 9_223_372_036_854_775_807n;
  const hand = new DatabaseSync(path);
  const garbage = ['', '{', 'null', '[]', '{"id":1}', '\u0000\u001b[31m', '9'.repeat(400)];
  for (const [index, body] of garbage.entries()) {
    const id = `bad-${index}`;
    hand
      .prepare('INSERT INTO findings VALUES (?, ?, ?, ?, ?, ?)')
      .run(id, 'builder', 'open', huge, huge, body);
    hand
      .prepare('INSERT INTO actions VALUES (?, ?, ?, ?, ?)')
      .run(id, 'builder', 'started', huge, body);
    hand.prepare('INSERT INTO containments VALUES (?, ?, ?)').run(id, huge, body);
    hand
      .prepare('INSERT INTO workloads (key, first_seen, last_seen, body) VALUES (?, ?, ?, ?)')
      .run(id, huge, -huge, body);
    hand.prepare('INSERT INTO settings VALUES (?, ?)').run(id, body);
  }
  // A finding that is well-formed but for one member.
  const almost = JSON.stringify({ ...finding({ id: 'almost' }), severity: 'apocalyptic' });
  hand
    .prepare('INSERT INTO findings VALUES (?, ?, ?, ?, ?, ?)')
    .run('almost', 'builder', 'open', 1, 1, almost);
  const noise = Uint8Array.from({ length: 300 }, (_, index) => (index * 167 + 255) & 0xff);
  hand.prepare('INSERT INTO sample_tail (shard, cells) VALUES (0, ?)').run(noise);
  hand.prepare('INSERT INTO sample_tail (shard, cells) VALUES (?, ?)').run(huge, noise);
  hand.prepare('INSERT INTO sample_blocks VALUES (1, ?, 1, ?)').run(nineOClock / 1000 + 60, noise);
  hand.close();

  const warnings: string[] = [];
  const logger = { ...silentLogger, warn: (line: string) => void warnings.push(line) };
  const clock = { now: nineOClock + 120_000 };
  const store = openForTest(path, { logger, now: () => clock.now });
  onTestFinished(() => void store.close());
  expect(expectOk(store.findings.list({ limit: 100 })).map((one) => one.finding)).toEqual([
    finding(),
  ]);
  expect(expectOk(store.actions.unfinished())).toEqual([action()]);
  expect(expectOk(store.containments.all())).toEqual([containment()]);
  expect(expectOk(store.workloads.all()).map((one) => one.workload)).toEqual([workload()]);
  expect(expectOk(store.settings.get('bad-4', z.string()))).toBeUndefined();
  const bad = garbage.length;
  expect(store.lost().refusedRows).toBe(bad + 1 + bad + bad + bad + 1);

  const seconds = () =>
    expectOk(store.samples.read('builder', nineOClock, nineOClock + 400_000, 'second'));
  expect(seconds().map(({ at }) => at)).toEqual([nineOClock]);
  for (let round = 0; round < 3; round += 1) {
    clock.now += 60_000;
    store.samples.add(resource({ at: clock.now }));
    expectOk(store.samples.flush());
  }
  expect(seconds()).toHaveLength(4);
  expect(store.lost().refusedRows).toBeGreaterThan(bad * 4 + 2);
  // Told once a table, not once a row.
  expect(warnings.filter((line) => line.includes(' findings '))).toHaveLength(1);
});
