import type { BodyHandlers } from './answer-body.ts';

/** Takes a body apart that comes in chunks, each with its length before it (RFC 9112, 7.1). */
export interface ChunkedReader {
  push(bytes: Buffer): void;
}

/** What comes next: the marks between the chunks, or what is in one. */
type Awaited = 'size' | 'extension' | 'size-end' | 'data' | 'data-return' | 'data-end' | 'nothing';

const carriageReturn = 0x0d;
const lineFeed = 0x0a;
const semicolon = 0x3b;

/** The most digits of a length: 2^52 bytes, which is exact. */
const mostDigits = 13;
/** The most bytes of what may stand after a length, which means nothing to us. */
const mostExtension = 1024;

/**
 * Hands on what is in the chunks as it comes. The chunk of length zero is the end; what follows it is
 * not looked at. Whatever is no chunk ends it with an error, as Node's own parser would have it.
 */
export function createChunkedReader(
  handlers: Pick<BodyHandlers, 'onBytes' | 'onEnd' | 'onError'>,
): ChunkedReader {
  let awaited: Awaited = 'size';
  let digits = 0;
  let size = 0;
  let extension = 0;

  function refuse(): void {
    awaited = 'nothing';
    const error = new Error('a chunk of its body has no length that can be read');
    handlers.onError(Object.assign(error, { code: 'HPE_INVALID_CHUNK_SIZE' }));
  }

  function takeSize(byte: number): void {
    const digit = digitOf(byte);
    if (digit !== undefined && digits < mostDigits) {
      size = size * 16 + digit;
      digits += 1;
    } else if (digits > 0 && byte === carriageReturn) {
      awaited = 'size-end';
    } else if (digits > 0 && byte === semicolon) {
      awaited = 'extension';
    } else {
      refuse();
    }
  }

  function takeExtension(byte: number): void {
    extension += 1;
    if (byte === carriageReturn) awaited = 'size-end';
    else if (byte === lineFeed || extension > mostExtension) refuse();
  }

  function begin(byte: number): void {
    if (byte !== lineFeed) {
      refuse();
    } else if (size > 0) {
      awaited = 'data';
    } else {
      awaited = 'nothing';
      handlers.onEnd();
    }
  }

  function takeMark(byte: number): void {
    switch (awaited) {
      case 'size':
        takeSize(byte);
        return;
      case 'extension':
        takeExtension(byte);
        return;
      case 'size-end':
        begin(byte);
        return;
      case 'data-return':
        if (byte === carriageReturn) awaited = 'data-end';
        else refuse();
        return;
      case 'data-end':
        if (byte !== lineFeed) {
          refuse();
          return;
        }
        awaited = 'size';
        digits = 0;
        extension = 0;
        return;
      case 'data':
      case 'nothing':
        return;
    }
  }

  return {
    push(bytes) {
      let at = 0;
      while (at < bytes.length && awaited !== 'nothing') {
        if (awaited !== 'data') {
          takeMark(bytes[at] ?? 0);
          at += 1;
          continue;
        }
        const end = Math.min(bytes.length, at + size);
        size -= end - at;
        if (size === 0) awaited = 'data-return';
        handlers.onBytes(bytes.subarray(at, end));
        at = end;
      }
    },
  };
}

/** The value of a hexadecimal digit; undefined for what is none. */
function digitOf(byte: number): number | undefined {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : undefined;
}
