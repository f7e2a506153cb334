import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createChunkedReader } from '../../../monitor/engine/chunked-reader.ts';

/** What is read of the bytes, cut at the given places, and how it went out. */
function read(bytes: Buffer, cuts: readonly number[] = []): { body: string; heard: string[] } {
  const pieces: Buffer[] = [];
  const heard: string[] = [];
  const reader = createChunkedReader({
    onBytes: (piece) => pieces.push(Buffer.from(piece)),
    onEnd: () => heard.push('end'),
    onError: (error) => heard.push((error as { code: string }).code),
  });
  let start = 0;
  for (const cut of [...cuts].sort((a, b) => a - b)) {
    const end = Math.min(cut, bytes.length);
    reader.push(bytes.subarray(start, end));
    start = end;
  }
  reader.push(bytes.subarray(start));
  return { body: Buffer.concat(pieces).toString('latin1'), heard };
}

const chunk = fc.record({
  text: fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }),
  zeros: fc.nat(3),
  extension: fc.constantFrom('', ';a=b', ';quoted="x y"'),
  upper: fc.boolean(),
});

describe('A body in chunks', () => {
  test('is read whole, wherever what arrives is cut', () => {
    fc.assert(
      fc.property(fc.array(chunk, { maxLength: 6 }), fc.array(fc.nat(200)), (chunks, cuts) => {
        const bytes = Buffer.concat([
          ...chunks.map(({ text, zeros, extension, upper }) => {
            const data = Buffer.from(text, 'latin1');
            const size = '0'.repeat(zeros) + data.length.toString(16);
            const head = `${upper ? size.toUpperCase() : size}${extension}\r\n`;
            return Buffer.concat([Buffer.from(head), data, Buffer.from('\r\n')]);
          }),
          // What follows the last one is not looked at.
          Buffer.from('0\r\nTrailer: of some kind\r\n\r\n5\r\nabcde\r\n'),
        ]);
        const body = Buffer.from(chunks.map(({ text }) => text).join(''), 'latin1');
        expect(read(bytes, cuts)).toEqual({ body: body.toString('latin1'), heard: ['end'] });
      }),
    );
  });

  test('that has not ended is handed on as far as it came', () => {
    expect(read(Buffer.from('5\r\nab'))).toEqual({ body: 'ab', heard: [] });
  });

  test.each([
    ['has no length', '\r\nab\r\n', ''],
    ['has a length of no digits', 'x\r\nab\r\n', ''],
    ['has a negative length', '-2\r\nab\r\n', ''],
    ['has a length with a blank before it', ' 2\r\nab\r\n', ''],
    ['has a length beyond all bounds', `${'f'.repeat(14)}\r\nab`, ''],
    ['has a bare line feed after its length', '2\nab\r\n', ''],
    ['has no line feed after its length', '2\rxab\r\n', ''],
    ['has a line feed in its extension', '2;a\nb\r\nab\r\n', ''],
    ['has an extension without end', `2;${'a'.repeat(2000)}`, ''],
    ['is longer than it says', '2\r\nabc\r\n', 'ab'],
    ['is longer than it says by a return', '2\r\nab\rc', 'ab'],
  ])('is read no further once a chunk %s, which is told once', (_, text, body) => {
    const again = Buffer.from(`${text}1\r\nz\r\n0\r\n\r\n`);
    expect(read(again)).toEqual({ body, heard: ['HPE_INVALID_CHUNK_SIZE'] });
  });
});
