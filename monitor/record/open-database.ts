import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import type { Moment } from '../model/time.ts';
import type { Logger } from '../runtime/logger.ts';
import { failed, ok } from '../runtime/result.ts';
import type { Result } from '../runtime/result.ts';
import { connect } from './database.ts';
import type { Database } from './database.ts';
import { applicationId, migrate, migrations } from './migrations.ts';
import { salvage } from './salvage.ts';
import { findOrMakeFile, hasNoRoom, moveAside, protectFile, readHeader } from './store-file.ts';
import { storeError, toStoreError } from './store-error.ts';
import type { StoreError } from './store-error.ts';

/** What was found where the record belongs. */
export type StoreOrigin =
  | { readonly kind: 'new' }
  | { readonly kind: 'found' }
  /** An older version, brought to the present one. */
  | { readonly kind: 'migrated'; readonly from: number }
  /** Damaged: now at `movedTo`, with a new file begun and `salvagedRows` rows taken over. */
  | {
      readonly kind: 'damaged';
      readonly reason: string;
      readonly movedTo: string;
      readonly salvagedRows: number;
    };

interface OpeningOptions<Value> {
  readonly now: () => Moment;
  readonly logger: Logger;
  readonly ceilingBytes: number;
  readonly leavesDamaged?: boolean;
  /** Prepares what the database is for. What it throws is taken as damage to the tables. */
  readonly use: (database: Database) => Value;
}

interface Opened<Value> {
  readonly value: Value;
  readonly database: Database;
  readonly origin: StoreOrigin;
}

const wanted = 'The record could not be opened';

/** Opens, checks and migrates the file; fails as `openStore` does. */
export function openDatabase<Value>(
  path: string,
  options: OpeningOptions<Value>,
): Result<Opened<Value>, StoreError> {
  const first = openOnce(path, options);
  if (first.ok || first.error.kind !== 'corrupt' || options.leavesDamaged === true) return first;

  const { logger, now } = options;
  const reason = first.error.message;
  try {
    const movedTo = moveAside(path, now());
    const second = openOnce(path, options);
    if (!second.ok) return second;
    const salvagedRows = salvage(movedTo, second.value.database, logger);
    logger.error(
      `${reason} It has been moved to ${movedTo}; a new record was begun, with ${salvagedRows} ${salvagedRows === 1 ? 'row' : 'rows'} of the old one.`,
    );
    return ok({ ...second.value, origin: { kind: 'damaged', reason, movedTo, salvagedRows } });
  } catch (error) {
    return failed(toStoreError(`${reason} It could not be moved aside`, error));
  }
}

function openOnce<Value>(
  path: string,
  { logger, ceilingBytes, use }: OpeningOptions<Value>,
): Result<Opened<Value>, StoreError> {
  let database: Database | undefined;
  try {
    if (path !== ':memory:') {
      const byHeader = refuseByHeader(path);
      if (byHeader !== undefined) return failed(byHeader);
      findOrMakeFile(path, logger);
      const byContent = refuseByContent(path);
      if (byContent !== undefined) return failed(byContent);
      protectFile(path);
    }
    database = connect(path, ceilingBytes);
    const opened = setUp(database, path, use);
    if (!opened.ok) database.close();
    return opened;
  } catch (error) {
    database?.close();
    return failed(fullOr(toStoreError(wanted, error), path));
  }
}

/** On a full disk SQLite tells of a fault of the disk where it cannot map its files. */
function fullOr(error: StoreError, path: string): StoreError {
  if (error.kind !== 'failed' || !hasNoRoom(path)) return error;
  return storeError('full', wanted, `the disk of ${dirname(path)} is full`);
}

function setUp<Value>(
  database: Database,
  path: string,
  use: (database: Database) => Value,
): Result<Opened<Value>, StoreError> {
  const damaged = damage(database);
  if (damaged !== undefined) {
    return failed(storeError('corrupt', wanted, `${path} is damaged: ${damaged}`));
  }
  const before = migrate(database);
  if (!before.ok) return before;
  const used = usable(database, path, use);
  if (!used.ok) return used;
  return ok({ value: used.value, database, origin: originOf(before.value) });
}

/** What can be said without SQLite comes first: it may change a file by opening it. */
function refuseByHeader(path: string): StoreError | undefined {
  const header = readHeader(path);
  switch (header.kind) {
    case 'empty':
      return undefined;
    case 'no-file':
      return storeError('no-access', wanted, `${path} is not a plain file`);
    case 'garbage':
      return storeError('corrupt', wanted, `${path} is not a database`);
    case 'database':
      if (header.applicationId !== 0 && header.applicationId !== applicationId) {
        return foreign(path);
      }
      return header.userVersion > migrations.length ? newer(path, header.userVersion) : undefined;
  }
}

/**
 * The header may be older than what stands in the journal beside the file. Read without writing, so
 * that a file which is not for us stays as it is.
 */
function refuseByContent(path: string): StoreError | undefined {
  const file = new DatabaseSync(path, { readOnly: true, timeout: 500 });
  try {
    const row = file
      .prepare(
        `SELECT (SELECT count(*) FROM sqlite_schema) AS tables, user_version, application_id
         FROM pragma_user_version, pragma_application_id`,
      )
      .get();
    if (Number(row?.['tables']) === 0) return undefined;
    if (Number(row?.['application_id']) !== applicationId) return foreign(path);
    const version = Number(row?.['user_version']);
    return version > migrations.length ? newer(path, version) : undefined;
  } finally {
    file.close();
  }
}

function damage(database: Database): string | undefined {
  const found = String(database.prepare('PRAGMA quick_check(1)').get()?.['quick_check']);
  return found === 'ok' ? undefined : found;
}

/** A statement of ours that does not fit the tables is damage, which SQLite cannot know. */
function usable<Value>(
  database: Database,
  path: string,
  use: (database: Database) => Value,
): Result<Value, StoreError> {
  const used = database.attempt(wanted, () => use(database));
  if (used.ok || used.error.kind !== 'failed') return used;
  // A disk without room is no damage: the record stays where it is.
  if (hasNoRoom(path)) return failed(fullOr(used.error, path));
  return failed(storeError('corrupt', wanted, used.error.message));
}

function originOf(before: number): StoreOrigin {
  if (before === 0) return { kind: 'new' };
  return before < migrations.length ? { kind: 'migrated', from: before } : { kind: 'found' };
}

function foreign(path: string): StoreError {
  return storeError('foreign', wanted, `${path} belongs to another program`);
}

function newer(path: string, version: number): StoreError {
  return storeError(
    'newer',
    wanted,
    `${path} has version ${version}, this Sentra knows up to ${migrations.length}`,
  );
}
