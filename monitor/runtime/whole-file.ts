import {
  closeSync,
  fsyncSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { messageOf } from './logger.ts';
import { makeFolder } from './make-folder.ts';
import { failed, ok, type Result } from './result.ts';

/**
 * Puts `text` into the file at `path`, whole or not at all, also if the power goes: written beside
 * it, brought to the disk, moved into place. A link is followed; the file's mode stays, and a new
 * file is 0600. The error is a sentence.
 */
export function writeWholeFile(path: string, text: string): Result<void, string> {
  let beside: string | undefined;
  try {
    makeFolder(dirname(path), 0o700);
    const present = statSync(path, { throwIfNoEntry: false });
    if (present !== undefined && !present.isFile()) return failed(`${path} is not a plain file.`);
    const target = present === undefined ? path : realpathSync(path);
    const mode = present === undefined ? 0o600 : present.mode & 0o777;
    beside = `${target}.${process.pid}.new`;
    rmSync(beside, { force: true });
    const file = openSync(beside, 'wx', mode);
    try {
      const bytes = Buffer.from(text, 'utf8');
      for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(beside, target);
    return ok(undefined);
  } catch (error) {
    if (beside !== undefined) removeQuietly(beside);
    return failed(`${path} could not be written: ${messageOf(error)}`);
  }
}

/** What cannot be removed is harmless: the next write takes its place, or says why not. */
function removeQuietly(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // The failure that led here is the one to tell.
  }
}
