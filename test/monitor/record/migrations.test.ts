import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import { describe, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';

import { connect } from '../../../monitor/record/database.ts';
import {
  applicationId,
  migrate,
  migrations,
  readPragma,
} from '../../../monitor/record/migrations.ts';
import {
  action,
  containment,
  expectFailure,
  expectOk,
  finding,
  nineOClock,
  openForTest,
  temporaryFolder,
} from './examples.ts';

/** Files as earlier versions left them: frozen, one for each version that was ever given out. */
const fixtures = new Map([
  [1, new URL('fixtures/version-1.sql', import.meta.url)],
  [2, new URL('fixtures/version-2.sql', import.meta.url)],
  [3, new URL('fixtures/version-3.sql', import.meta.url)],
  [4, new URL('fixtures/version-4.sql', import.meta.url)],
]);

function newFolder(): string {
  const folder = temporaryFolder();
  onTestFinished(() => folder.dispose());
  mkdirSync(join(folder.path, 'state'), { mode: 0o700 });
  return join(folder.path, 'state');
}

test('there is a fixture for every version', () => {
  expect([...fixtures.keys()]).toEqual(migrations.map((_, index) => index + 1));
});

describe.each([...fixtures])('a file of version %i', (version, fixture) => {
  test('is brought to the present version with everything in it', () => {
    const path = join(newFolder(), 'sentra.sqlite');
    const file = new DatabaseSync(path);
    file.exec(readFileSync(fixture, 'utf8'));
    file.close();

    const store = openForTest(path);
    onTestFinished(() => void store.close());
    const found = { kind: 'found' };
    expect(store.origin).toEqual(
      version === migrations.length ? found : { kind: 'migrated', from: version },
    );
    expect(expectOk(store.findings.list({ limit: 9 }))).toEqual([
      { finding: finding(), firstSeenAt: nineOClock - 500 },
    ]);
    expect(expectOk(store.actions.unfinished())).toEqual([action()]);
    expect(expectOk(store.containments.all())).toEqual([containment()]);
    expect(expectOk(store.settings.get('mode', z.string()))).toBe('observe');
    expect(expectOk(store.baselines.get('builder'))?.state).toEqual({ mean: 3 });
    const minutes = expectOk(store.samples.read('builder', 0, Infinity, 'minute'));
    expect(minutes.map(({ at, series }) => [at, series.pids])).toEqual([
      [nineOClock - 60_000, { mean: 5.5, max: 9, count: 2 }],
      [nineOClock, { mean: 7, max: 7, count: 1 }],
    ]);
    expect(store.lost()).toEqual({ samples: 0, refusedRows: 0 });
  });
});

describe('the steps', () => {
  const steps = [
    'CREATE TABLE one (a INTEGER) STRICT; INSERT INTO one VALUES (1)',
    'ALTER TABLE one ADD COLUMN b INTEGER NOT NULL DEFAULT 2',
    'CREATE TABLE three (c INTEGER) STRICT',
  ];

  test('are taken from wherever the file stands, each once', () => {
    for (let from = 0; from <= steps.length; from += 1) {
      const database = connect(':memory:', 1e9);
      expect(expectOk(migrate(database, steps.slice(0, from)))).toBe(0);
      expect(expectOk(migrate(database, steps))).toBe(from);
      expect(expectOk(migrate(database, steps))).toBe(3);
      expect(database.prepare('SELECT a, b FROM one').all()).toEqual([{ a: 1, b: 2 }]);
      expect(readPragma(database, 'user_version')).toBe(3);
      expect(readPragma(database, 'application_id')).toBe(applicationId);
      database.close();
    }
  });

  test('that fail leave nothing behind, and the file is where it was', () => {
    const database = connect(':memory:', 1e9);
    const broken = [
      steps[0]!,
      `${steps[1]!}; CREATE TABLE half (d); INSERT INTO nowhere VALUES (1)`,
    ];
    const error = expectFailure(migrate(database, broken));
    expect(error.message).toContain('Version 2 of the record was not made');
    expect(readPragma(database, 'user_version')).toBe(1);
    const tables = database.prepare('SELECT name FROM sqlite_schema').all();
    expect(tables).toEqual([{ name: 'one' }]);
    expect(expectOk(migrate(database, steps))).toBe(1);
    database.close();
  });
});
