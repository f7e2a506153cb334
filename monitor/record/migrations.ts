import { ok } from '../runtime/result.ts';
import type { Result } from '../runtime/result.ts';
import type { Database } from './database.ts';
import { askedNameColumns, egressTable, refusedNameTable } from './egress-table.ts';
import type { StoreError } from './store-error.ts';

/** Marks a file as Sentra's: the letters SNTR, kept in the header of the file. */
export const applicationId = 0x53_4e_54_52;

/**
 * Version 1. Moments are whole milliseconds since 1970, or whole seconds where the column says so.
 * `body` is JSON, checked when it is read; the columns beside it are what is searched by.
 */
const version1 = `
  -- Ids are never used again, so that samples left behind cannot pass to another workload.
  CREATE TABLE workloads (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL UNIQUE,
    first_seen INTEGER NOT NULL,
    last_seen INTEGER NOT NULL,
    body TEXT
  ) STRICT;
  CREATE INDEX workloads_by_last_seen ON workloads (last_seen);

  CREATE TABLE baselines (
    workload INTEGER PRIMARY KEY REFERENCES workloads (id) ON DELETE CASCADE,
    body TEXT NOT NULL
  ) STRICT;

  -- What was observed and is not folded into sample_blocks yet: one row a flush and shard, which is
  -- a run of workloads. Always small, so without an index.
  CREATE TABLE sample_tail (
    id INTEGER PRIMARY KEY,
    shard INTEGER NOT NULL,
    cells BLOB NOT NULL
  ) STRICT;

  -- One row a workload and span of time; resolution and start in seconds. No foreign key: with one,
  -- forgetting a workload would search all of this table.
  CREATE TABLE sample_blocks (
    resolution INTEGER NOT NULL,
    start INTEGER NOT NULL,
    workload INTEGER NOT NULL,
    cells BLOB NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX sample_blocks_by_time ON sample_blocks (resolution, start, workload);

  CREATE TABLE findings (
    id TEXT PRIMARY KEY,
    workload TEXT NOT NULL,
    status TEXT NOT NULL,
    at INTEGER NOT NULL,
    first_seen INTEGER NOT NULL,
    body TEXT NOT NULL
  ) STRICT;
  CREATE INDEX findings_by_time ON findings (at);
  CREATE INDEX findings_by_status ON findings (status, at);

  CREATE TABLE decisions (
    id TEXT PRIMARY KEY,
    finding TEXT NOT NULL,
    workload TEXT NOT NULL,
    at INTEGER NOT NULL,
    body TEXT NOT NULL
  ) STRICT;
  CREATE INDEX decisions_by_time ON decisions (at);

  CREATE TABLE actions (
    id TEXT PRIMARY KEY,
    workload TEXT NOT NULL,
    state TEXT NOT NULL,
    at INTEGER NOT NULL,
    body TEXT NOT NULL
  ) STRICT;
  CREATE INDEX actions_by_time ON actions (at);
  CREATE INDEX actions_by_state ON actions (state, at);

  CREATE TABLE containments (
    container TEXT PRIMARY KEY,
    since INTEGER NOT NULL,
    body TEXT NOT NULL
  ) STRICT;

  CREATE TABLE coverage (
    id INTEGER PRIMARY KEY,
    workload TEXT NOT NULL,
    at INTEGER NOT NULL,
    body TEXT NOT NULL
  ) STRICT;
  CREATE INDEX coverage_by_time ON coverage (at);

  CREATE TABLE policy_versions (
    id INTEGER PRIMARY KEY,
    hash TEXT NOT NULL,
    at INTEGER NOT NULL,
    body TEXT NOT NULL
  ) STRICT;

  CREATE TABLE settings (key TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT;
`;

/** Every step from an empty file to the present one. Steps are added, never changed. */
export const migrations: readonly string[] = [
  version1,
  egressTable,
  refusedNameTable,
  askedNameColumns,
];

/** A single number that SQLite keeps for us, such as user_version. */
export function readPragma(database: Database, name: string): number {
  const row = database.prepare(`PRAGMA ${name}`).get();
  return Number(row?.[name] ?? 0);
}

/**
 * Brings the file to the newest version, one transaction a step, and returns the version it had.
 * A step that fails leaves nothing behind, and those before it stay.
 */
export function migrate(
  database: Database,
  steps: readonly string[] = migrations,
): Result<number, StoreError> {
  const before = readPragma(database, 'user_version');
  for (let version = before; version < steps.length; version += 1) {
    const step = database.transaction(`Version ${version + 1} of the record was not made`, () => {
      database.execute(steps[version] ?? '');
      database.execute(`PRAGMA application_id = ${applicationId}`);
      database.execute(`PRAGMA user_version = ${version + 1}`);
    });
    if (!step.ok) return step;
  }
  return ok(before);
}
