import { closeSync, fstatSync, openSync, readFileSync, readSync, statSync } from 'node:fs';

/** A file that stays open and is read from its beginning again and again. */
export interface HeldFile {
  readonly descriptor: number;
  readonly path: string;
  readonly device: number;
  readonly inode: number;
}

/** Whether the path still leads to the file that is held. */
export type HeldIdentity = 'same' | 'replaced' | 'unreadable';

/** One buffer for all: reads are synchronous, and each is parsed before the next begins. */
export const heldBytes = Buffer.allocUnsafeSlow(64 * 1024);

/** Opens `path` for reading; undefined where it cannot be opened. The caller closes it. */
export function holdFile(path: string): HeldFile | undefined {
  try {
    const descriptor = openSync(path, 'r');
    const { dev, ino } = fstatSync(descriptor);
    return { descriptor, path, device: dev, inode: ino };
  } catch (error) {
    expectSystemError(error);
    return undefined;
  }
}

/**
 * Reads the file into `heldBytes` from `offset` of the file on. The number of bytes; -1 when the
 * file can no longer be read, as when its cgroup (ENODEV) or its process (ESRCH) is gone.
 */
export function readHeld(file: HeldFile, offset = 0): number {
  try {
    return readSync(file.descriptor, heldBytes, offset, heldBytes.length - offset, offset);
  } catch (error) {
    expectSystemError(error);
    return -1;
  }
}

/** Closes it. Once only: the descriptor's number may belong to another file soon after. */
export function releaseFile(file: HeldFile | undefined): void {
  if (file !== undefined) closeSync(file.descriptor);
}

/** Compares what the path leads to with what is held. */
export function identityOf(file: HeldFile): HeldIdentity {
  try {
    const found = statSync(file.path, { throwIfNoEntry: false });
    if (found === undefined) return 'unreadable';
    return found.dev === file.device && found.ino === file.inode ? 'same' : 'replaced';
  } catch (error) {
    expectSystemError(error);
    return 'unreadable';
  }
}

/** The text of a small file; undefined where it cannot be read. */
export function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    expectSystemError(error);
    return undefined;
  }
}

/** A system call's failure is an expected answer here; anything else is a bug and goes on. */
export function expectSystemError(error: unknown): void {
  if (!(error instanceof Error && 'syscall' in error)) throw error;
}
