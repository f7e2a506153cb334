import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import { describe, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';

import type { Decision } from '../../../monitor/model/decision.ts';
import type { CoverageObservation } from '../../../monitor/model/observation.ts';
import { silentLogger } from '../../../monitor/runtime/logger.ts';
import { migrations } from '../../../monitor/record/migrations.ts';
import { openStore } from '../../../monitor/record/store.ts';
import {
  action,
  containment,
  expectFailure,
  expectOk,
  finding,
  nineOClock,
  openForTest,
  temporaryFolder,
  workload,
} from './examples.ts';

function newPath(): string {
  const folder = temporaryFolder();
  onTestFinished(() => folder.dispose());
  return join(folder.path, 'state', 'sentra.sqlite');
}

const options = { now: () => nineOClock, logger: silentLogger };

describe('the file', () => {
  test('is made for its owner alone, and found again', () => {
    const path = newPath();
    const first = openForTest(path);
    expect(first.origin).toEqual({ kind: 'new' });
    expectOk(first.findings.put(finding()));
    for (const name of readdirSync(join(path, '..'))) {
      expect(statSync(join(path, '..', name)).mode & 0o777, name).toBe(0o600);
    }
    expect(statSync(join(path, '..')).mode & 0o777).toBe(0o700);
    expectOk(first.close());

    const second = openForTest(path);
    expect(second.origin).toEqual({ kind: 'found' });
    expectOk(second.close());
  });

  test('a folder that others can look into is left as it is, and said so', () => {
    const path = newPath();
    mkdirSync(join(path, '..'));
    chmodSync(join(path, '..'), 0o755);
    const warnings: string[] = [];
    const logger = { ...silentLogger, warn: (line: string) => void warnings.push(line) };
    expectOk(openForTest(path, { logger }).close());
    expect(statSync(join(path, '..')).mode & 0o777).toBe(0o755);
    expect(warnings.join()).toContain('Others can look into');
  });

  test.each(['header', 'journal only'])('of a newer Sentra is refused, untouched (%s)', (where) => {
    const path = newPath();
    expectOk(openForTest(path).close());
    const newer = new DatabaseSync(path);
    newer.exec('PRAGMA wal_autocheckpoint = 0; PRAGMA user_version = 99; CREATE TABLE later (x)');
    if (where === 'header') newer.close();
    else onTestFinished(() => newer.close());
    const before = readFileSync(path);
    const journalBefore = where === 'header' ? undefined : readFileSync(`${path}-wal`);

    const error = expectFailure(openStore(path, options));
    expect(error.kind).toBe('newer');
    expect(error.message).toContain(`has version 99, this Sentra knows up to ${migrations.length}`);
    expect(error.advice).toContain('newer Sentra');
    expect(readFileSync(path).equals(before)).toBe(true);
    if (journalBefore !== undefined) {
      expect(readFileSync(`${path}-wal`).equals(journalBefore)).toBe(true);
    }
    expect(readdirSync(join(path, '..')).filter((name) => name.includes('damaged'))).toEqual([]);
  });

  test('of another program is refused, untouched', () => {
    const path = newPath();
    mkdirSync(join(path, '..'));
    const other = new DatabaseSync(path);
    other.exec('CREATE TABLE bookmarks (url TEXT)');
    other.close();
    const before = readFileSync(path);
    expect(expectFailure(openStore(path, options)).kind).toBe('foreign');
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  test('where there can be none gives an error that says what to do', () => {
    const error = expectFailure(openStore('/dev/null/state/sentra.sqlite', options));
    expect(error.kind).toBe('no-access');
    expect(error.advice).toContain('folder');
  });

  test('is never a pipe, which would keep the monitor waiting for ever', () => {
    const path = newPath();
    mkdirSync(join(path, '..'));
    execFileSync('mkfifo', [path]);
    const error = expectFailure(openStore(path, options));
    expect(error.kind).toBe('no-access');
    expect(error.message).toContain('is not a plain file');
  });

  test('in memory serves where no file can be had', () => {
    const store = openForTest(':memory:');
    expectOk(store.actions.put(action()));
    expect(expectOk(store.actions.unfinished())).toHaveLength(1);
    expectOk(store.close());
  });
});

describe('a damaged file', () => {
  test('is moved aside with the date, never deleted, and said so', () => {
    const path = newPath();
    mkdirSync(join(path, '..'));
    writeFileSync(path, 'this is no database, but somebody may want it back'.repeat(10));
    const lines: string[] = [];
    const logger = { ...silentLogger, error: (line: string) => void lines.push(line) };
    const store = openForTest(path, { logger });
    const movedTo = `${path}.damaged-2026-11-02T09-00-00`;
    expect(store.origin).toMatchObject({ kind: 'damaged', movedTo, salvagedRows: 0 });
    expect(readFileSync(movedTo, 'utf8')).toContain('somebody may want it back');
    expect(lines.join()).toContain(movedTo);
    expectOk(store.findings.put(finding()));
    expectOk(store.close());
  });

  test('gives back what Sentra holds, as far as it can be read', () => {
    const path = newPath();
    const before = openForTest(path);
    expectOk(before.containments.put(containment()));
    expectOk(before.settings.set('mode', 'enforce'));
    for (let number = 0; number < 400; number += 1) {
      expectOk(before.findings.put(finding({ id: `finding-${number}`, at: nineOClock + number })));
    }
    expectOk(before.close());
    // Spoil the pages of an index on findings: the tables stay readable.
    const file = new DatabaseSync(path);
    const root = file
      .prepare(`SELECT rootpage FROM sqlite_schema WHERE name = 'findings_by_time'`)
      .get() as { rootpage: number };
    file.close();
    const bytes = readFileSync(path);
    bytes.fill(0xa5, (root.rootpage - 1) * 4096, root.rootpage * 4096);
    writeFileSync(path, bytes);

    const after = openForTest(path);
    expect(after.origin.kind).toBe('damaged');
    expect(expectOk(after.containments.all())).toEqual([containment()]);
    expect(expectOk(after.settings.get('mode', z.string()))).toBe('enforce');
    expectOk(after.close());
  });

  test('gives back the newest where there is too much: what is unfinished is among it', () => {
    const path = newPath();
    const before = openForTest(path);
    expectOk(before.actions.put(action({ id: 'old', outcome: { state: 'would-have' } })));
    expectOk(before.close());
    const file = new DatabaseSync(path);
    file.exec(`
      WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 10000)
      INSERT INTO actions (id, workload, state, at, body)
        SELECT 'a' || n, workload, state, at, body FROM numbers, actions WHERE id = 'old'`);
    file.close();
    const again = openForTest(path);
    expectOk(again.actions.put(action({ id: 'unfinished' })));
    expectOk(again.close());
    const spoilt = new DatabaseSync(path);
    spoilt.exec('DROP TABLE coverage');
    spoilt.close();
    const after = openForTest(path);
    expect(after.origin).toMatchObject({ salvagedRows: 10_000 });
    expect(expectOk(after.actions.unfinished()).map(({ id }) => id)).toEqual(['unfinished']);
    expectOk(after.close());
  });

  test.each([0, 200, 399])(
    'gives back what stands before and after the page of finding %i, which cannot be read',
    (spoilt) => {
      const path = newPath();
      const before = openForTest(path);
      for (let number = 0; number < 400; number += 1) {
        const sentence = `This is finding ${number}.`;
        expectOk(before.findings.put(finding({ id: `finding-${number}`, sentence })));
      }
      expectOk(before.close());
      const bytes = readFileSync(path);
      const page = Math.floor(bytes.indexOf(`This is finding ${spoilt}.`) / 4096);
      bytes.fill(0xa5, page * 4096, (page + 1) * 4096);
      writeFileSync(path, bytes);
      const after = openForTest(path);
      const saved = expectOk(after.findings.list({ limit: 1000 })).map(({ finding: { id } }) => id);
      expect(after.origin).toMatchObject({ kind: 'damaged', salvagedRows: saved.length });
      expect(saved.length).toBeGreaterThan(380);
      for (const number of [0, 200, 399]) {
        if (number === spoilt) expect(saved).not.toContain(`finding-${number}`);
        else expect(saved).toContain(`finding-${number}`);
      }
      expectOk(after.close());
    },
  );

  test('with tables missing is treated the same', () => {
    const path = newPath();
    const before = openForTest(path);
    expectOk(before.containments.put(containment()));
    expectOk(before.close());
    const file = new DatabaseSync(path);
    file.exec('DROP TABLE actions');
    file.close();
    const after = openForTest(path);
    expect(after.origin).toMatchObject({ kind: 'damaged', salvagedRows: 1 });
    expect(expectOk(after.containments.all())).toHaveLength(1);
    expectOk(after.close());
  });
});

describe('what is kept', () => {
  test('findings: the latest version, with the time of the first', () => {
    const store = openForTest(newPath());
    onTestFinished(() => void store.close());
    expectOk(store.findings.put(finding({ severity: 'low' })));
    expectOk(store.findings.put(finding({ at: nineOClock + 5000, severity: 'critical' })));
    expectOk(store.findings.put(finding({ id: 'b', workload: 'other', status: 'closed' })));

    const all = expectOk(store.findings.list({ limit: 10 }));
    expect(all.map((one) => [one.finding.id, one.finding.severity, one.firstSeenAt])).toEqual([
      ['finding-1', 'critical', nineOClock],
      ['b', 'critical', nineOClock],
    ]);
    const ids = (filter: Parameters<typeof store.findings.list>[0]) =>
      expectOk(store.findings.list(filter)).map((one) => one.finding.id);
    expect(ids({ status: 'open', limit: 10 })).toEqual(['finding-1']);
    expect(ids({ workload: 'other', limit: 10 })).toEqual(['b']);
    expect(ids({ since: nineOClock + 1, limit: 10 })).toEqual(['finding-1']);
    expect(ids({ limit: 1 })).toEqual(['finding-1']);
    expect(expectOk(store.findings.get('b'))?.finding.workload).toBe('other');
    expect(expectOk(store.findings.get('none'))).toBeUndefined();
  });

  test('a finding with an open-ended range stays readable', () => {
    const store = openForTest(':memory:');
    const [evidence] = finding().evidence;
    const open = { ...evidence!, expected: { low: 0, high: Infinity } };
    expectOk(store.findings.put(finding({ evidence: [open] })));
    const back = expectOk(store.findings.get('finding-1'));
    expect(back?.finding.evidence[0]?.expected?.high).toBe(Number.MAX_VALUE);
  });

  test('actions: as begun, then with their outcome', () => {
    const path = newPath();
    const before = openForTest(path);
    expectOk(before.actions.put(action()));
    expectOk(before.actions.put(action({ id: 'action-2', startedAt: nineOClock + 1 })));
    expectOk(
      before.actions.put(
        action({ finishedAt: nineOClock + 90, outcome: { state: 'proved', proof: 'paused' } }),
      ),
    );
    expectOk(before.close());
    const after = openForTest(path);
    onTestFinished(() => void after.close());
    expect(expectOk(after.actions.unfinished()).map(({ id }) => id)).toEqual(['action-2']);
    expect(expectOk(after.actions.list({ limit: 10 })).map(({ outcome }) => outcome.state)).toEqual(
      ['started', 'proved'],
    );
  });

  test('containments: until they are released', () => {
    const path = newPath();
    const before = openForTest(path);
    const second = containment({ container: 'd'.repeat(64), since: nineOClock + 1 });
    expectOk(before.containments.put(containment()));
    expectOk(before.containments.put(second));
    expectOk(before.containments.remove(containment().container));
    expectOk(before.containments.remove('never held'));
    expectOk(before.close());
    const after = openForTest(path);
    onTestFinished(() => void after.close());
    expect(expectOk(after.containments.all())).toEqual([second]);
  });

  test('workloads, baselines, decisions, coverage, policies and settings', () => {
    const path = newPath();
    const before = openForTest(path);
    const decision: Decision = {
      id: 'decision-1',
      rule: 'contain-runaways',
      finding: 'finding-1',
      workload: 'builder',
      container: 'c'.repeat(64),
      mode: 'observe',
      actions: [
        { kind: 'stop', graceSeconds: 3 },
        { kind: 'limit', cpus: 0.5, memoryBytes: undefined, pids: 64 },
      ],
      heldSince: nineOClock,
      at: nineOClock,
    };
    const seen: CoverageObservation = {
      kind: 'coverage',
      workload: 'builder',
      container: 'c'.repeat(64),
      at: nineOClock,
      coverage: {
        sensor: 'resource',
        sight: { state: 'blind', reason: 'Nobody gave Sentra the means', lasting: true },
        since: nineOClock,
        dropped: 3,
      },
    };
    expectOk(before.workloads.put(workload(), nineOClock));
    expectOk(before.workloads.put(workload({ state: 'paused' }), nineOClock + 5));
    const baseline = { workload: 'builder', version: 2, updatedAt: nineOClock, state: { a: [1] } };
    expectOk(before.baselines.put(baseline));
    expectOk(before.decisions.put(decision));
    expectOk(before.coverage.put(seen));
    const text = 'version: 1\n';
    const file = { kind: 'file', path: '/etc/sentra/policy.yaml' } as const;
    expectOk(before.policyVersions.put({ text, loadedAt: 1, source: { kind: 'default' } }));
    expectOk(before.policyVersions.put({ text, loadedAt: 2, source: { kind: 'default' } }));
    expectOk(before.policyVersions.put({ text, loadedAt: 3, source: file }));
    expectOk(before.settings.set('window', { width: 800 }));
    expectOk(before.settings.set('gone', 1));
    expectOk(before.settings.remove('gone'));
    expectOk(before.close());

    const after = openForTest(path);
    onTestFinished(() => void after.close());
    expect(expectOk(after.workloads.all())).toEqual([
      {
        workload: workload({ state: 'paused' }),
        firstSeenAt: nineOClock,
        lastSeenAt: nineOClock + 5,
      },
    ]);
    expect(expectOk(after.baselines.get('builder'))).toEqual(baseline);
    expect(expectOk(after.baselines.get('unknown'))).toBeUndefined();
    expect(expectOk(after.decisions.list({ finding: 'finding-1', limit: 5 }))).toEqual([decision]);
    expect(expectOk(after.coverage.list({ workload: 'builder', limit: 5 }))).toEqual([seen]);
    expect(expectOk(after.policyVersions.list(5)).map(({ loadedAt }) => loadedAt)).toEqual([3, 1]);
    const latest = expectOk(after.policyVersions.latest());
    expect(latest?.source).toEqual(file);
    // As sha256sum tells it.
    expect(latest?.hash).toBe('09bfcc6a14b83e2192b8673677725c84883ee9cd0c70e45c9ec09daa8f2b2847');
    const shape = z.object({ width: z.number() });
    expect(expectOk(after.settings.get('window', shape))).toEqual({ width: 800 });
    expect(expectOk(after.settings.get('gone', z.number()))).toBeUndefined();
  });
});
