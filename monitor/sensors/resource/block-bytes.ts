import { lineEnd, numberAfter } from './byte-fields.ts';

/** Bytes to and from block devices; changed in place. */
export interface BlockBytes {
  readBytes: number;
  writtenBytes: number;
}

const words = {
  v1: { read: Buffer.from(' Read '), written: Buffer.from(' Write ') },
  v2: { read: Buffer.from(' rbytes='), written: Buffer.from(' wbytes=') },
};

/**
 * Sums over all devices: `8:0 Read 123` lines of blkio.throttle.io_service_bytes (cgroup v1), or
 * `8:0 rbytes=123 wbytes=…` lines of io.stat (v2). An empty file means that nothing was read or
 * written yet.
 */
export function blockBytes(
  bytes: Uint8Array,
  length: number,
  version: 1 | 2,
  into: BlockBytes,
): void {
  const { read, written } = version === 1 ? words.v1 : words.v2;
  into.readBytes = 0;
  into.writtenBytes = 0;
  let line = 0;
  while (line < length) {
    const end = lineEnd(bytes, line, length);
    into.readBytes += Math.max(0, numberAfter(bytes, line, end, read));
    into.writtenBytes += Math.max(0, numberAfter(bytes, line, end, written));
    line = end + 1;
  }
}
