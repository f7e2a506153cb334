import {
  chmodSync,
  closeSync,
  existsSync,
  openSync,
  readSync,
  renameSync,
  statSync,
  statfsSync,
} from 'node:fs';
import { dirname } from 'node:path';

import type { Moment } from '../model/time.ts';
import type { Logger } from '../runtime/logger.ts';
import { makeFolder } from '../runtime/make-folder.ts';

/** What stands in the header of the file, before SQLite touches it. */
export type FileHeader =
  | { readonly kind: 'empty' }
  | { readonly kind: 'database'; readonly userVersion: number; readonly applicationId: number }
  | { readonly kind: 'garbage' }
  /** A folder, a pipe or the like: nothing of it was read. */
  | { readonly kind: 'no-file' };

/**
 * Makes the folder (0700) and the file (0600) where they are missing; changes nothing of what is
 * there. A folder that is there already may be shared with others: it is left as it is, with a
 * warning when others can look into it. Throws what the file system throws, also where the file
 * cannot be written.
 */
export function findOrMakeFile(path: string, logger: Logger): void {
  const folder = dirname(path);
  makeFolder(folder, 0o700);
  if (process.platform !== 'win32' && (statSync(folder).mode & 0o077) !== 0) {
    logger.warn(`Others can look into ${folder}. The record itself can be read by you alone.`);
  }
  closeSync(openSync(path, 'a', 0o600));
}

/** SQLite keeps a few pages and a file shared by its readers at the least, bytes. */
const leastRoom = 256 * 1024;

/** Whether the disk of the file has no room for a record. False where it cannot be told. */
export function hasNoRoom(path: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(dirname(path));
    return bavail * bsize < leastRoom;
  } catch {
    return false;
  }
}

/** Makes the file its owner's alone. SQLite gives the files beside it the same mode. */
export function protectFile(path: string): void {
  chmodSync(path, 0o600);
}

/** Reads the header, https://www.sqlite.org/fileformat.html#the_database_header. Changes nothing. */
export function readHeader(path: string): FileHeader {
  const status = statSync(path, { throwIfNoEntry: false });
  if (status === undefined) return { kind: 'empty' };
  if (!status.isFile()) return { kind: 'no-file' };
  const header = Buffer.alloc(100);
  const file = openSync(path, 'r');
  try {
    const length = readSync(file, header, 0, header.length, 0);
    if (length === 0) return { kind: 'empty' };
    if (length < header.length || header.toString('latin1', 0, 16) !== 'SQLite format 3\0') {
      return { kind: 'garbage' };
    }
  } finally {
    closeSync(file);
  }
  return {
    kind: 'database',
    userVersion: header.readInt32BE(60),
    applicationId: header.readInt32BE(68),
  };
}

/**
 * Moves a damaged file and the files beside it out of the way, under a name with the date, and
 * returns that name. Throws what the file system throws.
 */
export function moveAside(path: string, now: Moment): string {
  const stamp = new Date(now).toISOString().slice(0, 19).replaceAll(':', '-');
  let aside = `${path}.damaged-${stamp}`;
  for (let copy = 2; existsSync(aside); copy += 1) aside = `${path}.damaged-${stamp}-${copy}`;
  // The journal first: a crash in between must not leave it to the file that comes next.
  for (const ending of ['-wal', '-shm', '']) {
    if (existsSync(path + ending)) renameSync(path + ending, aside + ending);
  }
  return aside;
}
