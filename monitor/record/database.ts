import { DatabaseSync } from 'node:sqlite';
import type { StatementSync } from 'node:sqlite';

import { failed, ok } from '../runtime/result.ts';
import type { Result } from '../runtime/result.ts';
import { toStoreError } from './store-error.ts';
import type { StoreError } from './store-error.ts';

/** How long a write waits for another process, in milliseconds: everything else waits with it. */
const usualWaitMs = 50;

/** The same for what must not be lost: undo notes and actions. */
const patientWaitMs = 500;

/**
 * The one connection to the file. Calls are synchronous. `wanted` is the sentence, without its full
 * stop, that an error begins with.
 */
export interface Database {
  prepare(sql: string): StatementSync;
  execute(sql: string): void;
  /** Runs `work` and returns what SQLite throws as a value. */
  attempt<Value>(wanted: string, work: () => Value): Result<Value, StoreError>;
  /** The same in one transaction: all of it or nothing. A SIGKILL after it loses nothing of it. */
  transaction<Value>(wanted: string, work: () => Value): Result<Value, StoreError>;
  /**
   * The same, and on the disk itself before it returns, so that a power cut loses nothing of it
   * either. Costs a flush of the disk, milliseconds as a rule.
   */
  durably<Value>(wanted: string, work: () => Value): Result<Value, StoreError>;
  close(): void;
}

/**
 * Connects to `path`. WAL with synchronous=NORMAL: what is committed survives the death of the
 * process at any moment. Throws what SQLite throws.
 */
export function connect(path: string, ceilingBytes: number): Database {
  const connection = new DatabaseSync(path, { timeout: usualWaitMs, defensive: true });
  try {
    // Has to come before the first table, and is without effect afterwards.
    connection.exec('PRAGMA auto_vacuum = INCREMENTAL');
    connection.exec(`
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = NORMAL;
      PRAGMA foreign_keys = ON;
      PRAGMA trusted_schema = OFF;
      PRAGMA cell_size_check = ON;
      PRAGMA temp_store = MEMORY;
      PRAGMA journal_size_limit = ${8 * 1024 * 1024};
    `);
    const page = connection.prepare('PRAGMA page_size').get() as { page_size: number };
    connection.exec(`PRAGMA max_page_count = ${Math.ceil(ceilingBytes / page.page_size)}`);
  } catch (error) {
    connection.close();
    throw error;
  }

  const begin = connection.prepare('BEGIN IMMEDIATE');
  const commit = connection.prepare('COMMIT');
  const rollback = connection.prepare('ROLLBACK');

  function inTransaction<Value>(work: () => Value): Value {
    begin.run();
    try {
      const value = work();
      commit.run();
      return value;
    } catch (error) {
      // After a full disk SQLite has rolled back by itself.
      if (connection.isTransaction) rollback.run();
      throw error;
    }
  }

  function attempt<Value>(wanted: string, work: () => Value): Result<Value, StoreError> {
    try {
      return ok(work());
    } catch (error) {
      return failed(toStoreError(wanted, error));
    }
  }

  return {
    prepare: (sql) => connection.prepare(sql),
    execute: (sql) => connection.exec(sql),
    attempt,
    transaction: (wanted, work) => attempt(wanted, () => inTransaction(work)),
    durably: (wanted, work) =>
      attempt(wanted, () => {
        connection.exec(`PRAGMA synchronous = FULL; PRAGMA busy_timeout = ${patientWaitMs}`);
        try {
          return inTransaction(work);
        } finally {
          connection.exec(`PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = ${usualWaitMs}`);
        }
      }),
    close() {
      if (connection.isOpen) connection.close();
    },
  };
}
