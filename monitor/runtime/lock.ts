import { closeSync, lstatSync, openSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { messageOf } from './logger.ts';
import { failed, ok } from './result.ts';
import type { Result } from './result.ts';

/** A lock that is held until `release`, or until the process is gone, however it went. */
export interface Lock {
  release(): void;
}

/** Why the lock was not had. */
export type LockFailure =
  /** Another process, or this one, holds it. */
  | { readonly kind: 'taken' }
  /** The file cannot serve as a lock. */
  | { readonly kind: 'unusable'; readonly message: string };

/**
 * Two who start in the same instant hinder each other for a moment; waiting lets one of them win.
 */
const patienceMs = 400;

/**
 * Keeps held locks reachable: a handle that is garbage-collected closes its file, and the lock would
 * be gone while its holder believes in it.
 */
const anchors = new Set<DatabaseSync>();

/** SQLITE_BUSY and SQLITE_LOCKED, the low byte of SQLite's result code. */
const busyCodes = new Set([5, 6]);

/**
 * Takes the lock that the file at `path` stands for, making the file (0600) when it is missing; its
 * folder must exist. The lock is SQLite's own on that file, which is one of the kernel: it ends with
 * the process, after SIGKILL too, and leaves nothing stale behind. The file is never removed, since
 * whoever holds a removed file locks nothing. Blocks for up to 400 ms when the lock is taken.
 */
export function takeLock(path: string): Result<Lock, LockFailure> {
  const prepared = prepareFile(path);
  if (!prepared.ok) return prepared;
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path, { timeout: patienceMs });
    // Nothing is ever written, so no journal is wanted beside the file.
    database.exec('PRAGMA journal_mode = MEMORY');
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database?.close();
    return failed(
      isBusy(error) ? { kind: 'taken' } : { kind: 'unusable', message: messageOf(error) },
    );
  }
  const held = database;
  anchors.add(held);
  return ok({
    release() {
      if (anchors.delete(held)) held.close();
    },
  });
}

/**
 * Whether somebody holds the lock at `path`, this process included; undefined where the file cannot
 * serve as one. A lock that nobody holds is taken for an instant, which is less than those who start
 * meanwhile wait for. Blocks for up to 400 ms when the lock is taken. Makes no file.
 */
export function isLocked(path: string): boolean | undefined {
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return false;
  const lock = takeLock(path);
  if (lock.ok) {
    lock.value.release();
    return false;
  }
  return lock.error.kind === 'taken' ? true : undefined;
}

/**
 * Makes sure that a plain file is there. A file that is there already is not opened: closing any
 * descriptor of it would drop the lock that this very process may hold on it (POSIX, fcntl).
 */
function prepareFile(path: string): Result<void, LockFailure> {
  try {
    const status = lstatSync(path, { throwIfNoEntry: false });
    if (status?.isFile() === false) {
      return failed({ kind: 'unusable', message: `${path} is not a plain file.` });
    }
    if (status === undefined) closeSync(openSync(path, 'wx', 0o600));
    return ok(undefined);
  } catch (error) {
    // Somebody else made it in between, which is as good.
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return ok(undefined);
    return failed({ kind: 'unusable', message: messageOf(error) });
  }
}

function isBusy(error: unknown): boolean {
  if (!(error instanceof Error) || !('errcode' in error)) return false;
  return typeof error.errcode === 'number' && busyCodes.has(error.errcode % 256);
}
