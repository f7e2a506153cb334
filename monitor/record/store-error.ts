import { messageOf } from '../runtime/logger.ts';

/** Why the record did not do what it was asked. `advice` says what the person can do about it. */
export interface StoreError {
  readonly kind:
    /** No room on the disk, or the file's own ceiling is reached. */
    | 'full'
    /** Another process holds the file. Worth trying again. */
    | 'busy'
    | 'read-only'
    /** The folder or the file cannot be opened. */
    | 'no-access'
    /** What is in the file is damaged. */
    | 'corrupt'
    /** The file was written by a newer Sentra. It has not been touched. */
    | 'newer'
    /** The file is a database of another program. It has not been touched. */
    | 'foreign'
    /** What was to be written is larger than a row may be. */
    | 'too-large'
    | 'closed'
    | 'failed';
  readonly message: string;
  readonly advice: string;
}

const advice: Readonly<Record<StoreError['kind'], string>> = {
  full: 'Free some space on the disk, or lower the size allowed for the record. Watching goes on.',
  busy: 'Another program holds the file, for example a backup or a database browser. Close it.',
  'read-only': 'Make the file and its folder writable for the user that runs Sentra.',
  'no-access':
    'Check that the folder exists and belongs to the user that runs Sentra, or name another.',
  corrupt: 'Start Sentra again: it sets a damaged file aside and begins a new one.',
  newer: 'Use the newer Sentra that wrote it, or give this one another folder.',
  foreign: 'Give Sentra a folder of its own.',
  'too-large': 'It is left out. Nothing has to be done.',
  closed: 'Sentra is shutting down. Nothing has to be done.',
  failed: 'Start Sentra again; if it comes back, report it with this message.',
};

/** A store error in words: what was wanted, why it was not done. */
export function storeError(kind: StoreError['kind'], wanted: string, reason: string): StoreError {
  return { kind, message: `${wanted}: ${reason}.`, advice: advice[kind] };
}

/** SQLite's primary result codes, https://www.sqlite.org/rescode.html. */
function kindOfResultCode(code: number): StoreError['kind'] {
  switch (code & 0xff) {
    case 5: // SQLITE_BUSY
    case 6: // SQLITE_LOCKED
      return 'busy';
    case 8: // SQLITE_READONLY
      return 'read-only';
    case 11: // SQLITE_CORRUPT
    case 26: // SQLITE_NOTADB
      return 'corrupt';
    case 13: // SQLITE_FULL
      return 'full';
    case 3: // SQLITE_PERM
    case 14: // SQLITE_CANTOPEN
    case 23: // SQLITE_AUTH
      return 'no-access';
    case 18: // SQLITE_TOOBIG
      return 'too-large';
    default:
      return 'failed';
  }
}

function kindOfSystemCode(code: string): StoreError['kind'] | undefined {
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
    case 'EFBIG':
      return 'full';
    case 'EROFS':
      return 'read-only';
    case 'EACCES':
    case 'EPERM':
    case 'ENOENT':
    case 'ENOTDIR':
    case 'EISDIR':
    case 'EEXIST':
    case 'ELOOP':
    case 'ENAMETOOLONG':
      return 'no-access';
    case 'EIO':
    case 'EMFILE':
    case 'ENFILE':
    case 'EBUSY':
      return 'failed';
    case 'ERR_INVALID_STATE':
      return 'closed';
    case 'ERR_OUT_OF_RANGE':
      // A stored integer beyond what a number holds: no program of ours writes one.
      return 'corrupt';
    default:
      return undefined;
  }
}

/**
 * What SQLite or the file system threw, as a value. `wanted` is a sentence without its full stop:
 * `The finding was not recorded`. Anything else is a bug and is thrown again.
 */
export function toStoreError(wanted: string, thrown: unknown): StoreError {
  if (thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string') {
    const kind =
      thrown.code === 'ERR_SQLITE_ERROR' && 'errcode' in thrown
        ? kindOfResultCode(Number(thrown.errcode))
        : kindOfSystemCode(thrown.code);
    if (kind !== undefined) return storeError(kind, wanted, messageOf(thrown));
  }
  throw thrown;
}
