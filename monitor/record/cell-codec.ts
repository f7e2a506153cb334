import { clearCell, emptyCell, fullest, width } from './sample-cell.ts';
import type { Cell } from './sample-cell.ts';

/*
 * Cells as bytes. Every number is a whole number below 2^53 in base 128, low digits first, the high
 * bit of a byte saying that more follow.
 *
 *   cell   offset, kind, then for each series
 *            kind 0, no series has more than one value: 0 for none, else the value plus 1
 *            kind 1: the count, and where it is not 0 the sum and the maximum
 *   tail   for each part: workload, start of the minute in seconds, length in bytes, cells
 *
 * Cells may come in any order, and several with one offset: they are to be combined.
 */

/** The last second that a Date can hold. */
export const latestSecond = 8.64e12;

/** A growing run of bytes. */
export interface ByteWriter {
  /** Writes a whole number from 0 up to 2^53 - 1. */
  number(value: number): void;
  bytes(part: Uint8Array): void;
  /** Bytes written so far. */
  length(): number;
  /** What has been written, as a copy; the writer is empty then. */
  take(): Uint8Array;
  clear(): void;
}

/** An empty writer with room for `room` bytes to begin with. */
export function createByteWriter(room = 4096): ByteWriter {
  let buffer = new Uint8Array(room);
  let length = 0;

  function reserve(more: number): void {
    if (length + more <= buffer.length) return;
    const larger = new Uint8Array(Math.max(buffer.length * 2, length + more));
    larger.set(buffer);
    buffer = larger;
  }

  return {
    number(value) {
      reserve(8);
      let rest = value;
      // Bit operations see 32 bits only.
      while (rest >= 0x8000_0000) {
        buffer[length++] = (rest % 128) | 0x80;
        rest = Math.floor(rest / 128);
      }
      while (rest >= 0x80) {
        buffer[length++] = (rest & 0x7f) | 0x80;
        rest >>>= 7;
      }
      buffer[length++] = rest;
    },
    bytes(part) {
      reserve(part.length);
      buffer.set(part, length);
      length += part.length;
    },
    length: () => length,
    take() {
      const taken = buffer.slice(0, length);
      length = 0;
      return taken;
    },
    clear() {
      length = 0;
    },
  };
}

/** Where reading has come to. */
interface ByteReader {
  readonly bytes: Uint8Array;
  position: number;
}

/** The next number, or -1 where the bytes end too early or make one that is too large. */
function readNumber(reader: ByteReader): number {
  const { bytes } = reader;
  let value = 0;
  let scale = 1;
  for (let digits = 0; digits < 8; digits += 1) {
    const byte = bytes[reader.position];
    if (byte === undefined) return -1;
    reader.position += 1;
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) return value <= Number.MAX_SAFE_INTEGER ? value : -1;
    scale *= 128;
  }
  return -1;
}

/** Appends a cell; `offset` counts spans from the start of the block. */
export function writeCell(writer: ByteWriter, offset: number, cell: Cell): void {
  const single = fullest(cell) <= 1;
  writer.number(offset);
  writer.number(single ? 0 : 1);
  for (let index = 0; index < width; index += 1) {
    const count = cell.counts[index] ?? 0;
    if (single) {
      writer.number(count === 0 ? 0 : (cell.sums[index] ?? 0) + 1);
      continue;
    }
    writer.number(count);
    if (count === 0) continue;
    writer.number(cell.sums[index] ?? 0);
    writer.number(cell.maxima[index] ?? 0);
  }
}

/**
 * Calls `take` for every cell, up to the first byte that makes no sense; offsets have to be below
 * `offsets`. The cell is good during the call only. Returns whether everything made sense.
 */
export function readCells(
  bytes: Uint8Array,
  offsets: number,
  take: (offset: number, cell: Cell) => void,
): boolean {
  const reader: ByteReader = { bytes, position: 0 };
  const cell = emptyCell();
  while (reader.position < bytes.length) {
    const offset = readNumber(reader);
    const kind = readNumber(reader);
    if (offset < 0 || offset >= offsets || kind < 0 || kind > 1) return false;
    clearCell(cell);
    if (!(kind === 0 ? readSingles(reader, cell) : readCounted(reader, cell))) return false;
    take(offset, cell);
  }
  return true;
}

function readSingles(reader: ByteReader, cell: Cell): boolean {
  for (let index = 0; index < width; index += 1) {
    const value = readNumber(reader);
    if (value < 0) return false;
    if (value === 0) continue;
    cell.counts[index] = 1;
    cell.sums[index] = value - 1;
    cell.maxima[index] = value - 1;
  }
  return true;
}

function readCounted(reader: ByteReader, cell: Cell): boolean {
  for (let index = 0; index < width; index += 1) {
    const count = readNumber(reader);
    if (count < 0) return false;
    if (count === 0) continue;
    const sum = readNumber(reader);
    const maximum = readNumber(reader);
    if (sum < 0 || maximum < 0) return false;
    cell.counts[index] = count;
    cell.sums[index] = sum;
    cell.maxima[index] = maximum;
  }
  return true;
}

/** The cells of one workload in one minute, as a part of a row of the tail. */
export interface TailPart {
  readonly workload: number;
  /** Seconds since 1970, a whole minute. */
  readonly minute: number;
  readonly cells: Uint8Array;
}

/** Appends a part as `readTailParts` reads it. */
export function writeTailPart(writer: ByteWriter, part: TailPart): void {
  writer.number(part.workload);
  writer.number(part.minute);
  writer.number(part.cells.length);
  writer.bytes(part.cells);
}

/** The parts of one row of the tail. The bytes of their cells are views, not yet understood. */
export function readTailParts(bytes: Uint8Array): readonly TailPart[] | undefined {
  const reader: ByteReader = { bytes, position: 0 };
  const parts: TailPart[] = [];
  while (reader.position < bytes.length) {
    const workload = readNumber(reader);
    const minute = readNumber(reader);
    const length = readNumber(reader);
    const end = reader.position + length;
    if (workload < 0 || minute < 0 || length < 0 || end > bytes.length) return undefined;
    if (minute % 60 !== 0 || minute > latestSecond) return undefined;
    parts.push({ workload, minute, cells: bytes.subarray(reader.position, end) });
    reader.position = end;
  }
  return parts;
}
