import { lstatSync, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { messageOf } from './logger.ts';

/**
 * Makes the folder and those above it that are missing; changes nothing of what is there. Throws as
 * the file system does, with its code and a sentence that names the part of the path that is in the
 * way. Node's own recursive `mkdir` tries for ever where a folder is there and takes none, as in
 * `/proc`, and calls a read-only disk a missing file.
 */
export function makeFolder(folder: string, mode: number): void {
  const present = statSync(folder, { throwIfNoEntry: false });
  if (present?.isDirectory() === true) return;
  if (present !== undefined) throw systemError('ENOTDIR', `${folder} is not a folder`);
  const above = dirname(folder);
  if (above !== folder) makeFolder(above, mode);
  try {
    mkdirSync(folder, { mode });
  } catch (error) {
    // Another program that starts at the same time may have made it since.
    if (codeOf(error) === 'EEXIST' && isFolder(folder)) return;
    throw whyNotMade(folder, above, error);
  }
}

function whyNotMade(folder: string, above: string, error: unknown): unknown {
  const code = codeOf(error);
  switch (code) {
    case 'EEXIST':
      if (lstatSync(folder, { throwIfNoEntry: false })?.isSymbolicLink() === true) {
        return systemError('ENOENT', `${folder} is a link to a place that is not there`);
      }
      return error;
    // The folder above is there.
    case 'ENOENT':
      return systemError(code, `${above} is no place where folders can be made`);
    case 'EROFS':
      return systemError(code, `${above} is on a disk that is mounted read-only`);
    case 'ENOSPC':
      return systemError(code, `The disk of ${above} is full`);
    case 'EACCES':
    case 'EPERM':
      return systemError(code, `Nothing may be made in ${above}: ${messageOf(error)}`);
    default:
      return error;
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

function systemError(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}
