import { closeSync, createWriteStream, openSync } from 'node:fs';
import { finished } from 'node:stream/promises';
import { constants, createGzip } from 'node:zlib';
import { messageOf } from '../runtime/logger.ts';
import { failed, ok, type Result } from '../runtime/result.ts';

/** Writes lines to a compressed file without ever making its caller wait. */
export interface LineWriter {
  /** False for a line that was not taken: too much waits to be written, or writing has ended. */
  write(line: string): boolean;
  /** Writes what waits, and closes the file; resolves when it is there. */
  close(): Promise<void>;
}

/** How a line writer is made. */
export interface LineWriterOptions {
  /** By which the time between two flushes is measured, milliseconds. */
  readonly monotonic: () => number;
  /** Writing ended before it was closed: the disk is full, or the file as large as it may be. */
  readonly onEnd: (reason: string) => void;
  /** The file's greatest size, bytes; 2 GB without it. */
  readonly mostBytes?: number;
}

/** What is older than this is on its way to the file: as much is lost when the process is killed. */
const flushMs = 2_000;

/** Characters that may wait for a slow disk. */
const mostWaiting = 16_000_000;

/**
 * Opens a new file of lines, compressed by gzip, readable by its owner alone. One that exists is left
 * as it is, and said so. What was flushed can be read back even when the end is missing.
 */
export function openLineWriter(
  path: string,
  { monotonic, onEnd, mostBytes = 2_000_000_000 }: LineWriterOptions,
): Result<LineWriter, string> {
  let descriptor: number;
  try {
    descriptor = openSync(path, 'wx', 0o600);
  } catch (error) {
    return failed(messageOf(error));
  }
  const file = createWriteStream(path, { fd: descriptor });
  const gzip = createGzip();
  let state: 'open' | 'ended' = 'open';
  let flushedAt = monotonic();

  function end(reason: string): void {
    if (state === 'ended') return;
    state = 'ended';
    gzip.destroy();
    file.end();
    onEnd(reason);
  }

  gzip.on('error', (error) => end(messageOf(error)));
  file.on('error', (error) => {
    end(messageOf(error));
    // A stream that failed to write does not always close its file.
    if (!file.closed) closeQuietly(descriptor);
  });
  gzip.pipe(file);

  return ok({
    write(line) {
      if (state === 'ended' || gzip.writableLength > mostWaiting) return false;
      gzip.write(`${line}\n`);
      const now = monotonic();
      if (now - flushedAt >= flushMs) {
        flushedAt = now;
        gzip.flush(constants.Z_SYNC_FLUSH);
      }
      if (file.bytesWritten > mostBytes) end(`it has reached ${mostBytes / 1e6} MB`);
      return true;
    },
    async close() {
      if (state === 'open') {
        state = 'ended';
        gzip.end();
      }
      // Whatever went wrong was told by then.
      await finished(file).catch(() => undefined);
    },
  });
}

function closeQuietly(descriptor: number): void {
  try {
    closeSync(descriptor);
  } catch {
    // It was closed already.
  }
}
