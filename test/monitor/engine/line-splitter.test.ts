import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createLineSplitter } from '../../../monitor/engine/line-splitter.ts';

/** The lines of the bytes, cut into chunks at the given places, and how many were too long. */
function split(
  bytes: Buffer,
  cuts: readonly number[],
  limit = 1000,
): { lines: string[]; tooLong: number } {
  const lines: string[] = [];
  let tooLong = 0;
  const splitter = createLineSplitter(
    limit,
    (line) => lines.push(line),
    () => (tooLong += 1),
  );
  let start = 0;
  for (const cut of [...cuts].sort((a, b) => a - b)) {
    const end = Math.min(cut, bytes.length);
    splitter.push(bytes.subarray(start, end));
    start = end;
  }
  splitter.push(bytes.subarray(start));
  splitter.end();
  return { lines, tooLong };
}

describe('Splitting a stream into lines', () => {
  test('does not depend on where the chunks end, within a character either', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: 'grapheme' }), { maxLength: 8 }),
        fc.array(fc.nat(120), { maxLength: 6 }),
        (texts, cuts) => {
          const bytes = Buffer.from(texts.join('\n'));
          const expected = bytes
            .toString()
            .split('\n')
            .filter((line) => line.trim() !== '');
          expect(split(bytes, cuts).lines).toEqual(expected);
        },
      ),
    );
  });

  test('drops a line that is too long, says so once, and reads on', () => {
    const bytes = Buffer.from(`one\n${'x'.repeat(5000)}\ntwo\n`);
    expect(split(bytes, [10, 500, 900, 2000, 4000], 1000)).toEqual({
      lines: ['one', 'two'],
      tooLong: 1,
    });
  });

  test('gives the last line although no line break follows', () => {
    expect(split(Buffer.from('one\ntwo'), [])).toEqual({ lines: ['one', 'two'], tooLong: 0 });
  });
});
