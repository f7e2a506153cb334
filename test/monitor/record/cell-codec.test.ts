import fc from 'fast-check';
import { expect, test } from 'vitest';

import {
  createByteWriter,
  readCells,
  readTailParts,
  writeCell,
  writeTailPart,
} from '../../../monitor/record/cell-codec.ts';
import { emptyCell, width } from '../../../monitor/record/sample-cell.ts';
import type { Cell } from '../../../monitor/record/sample-cell.ts';

const series = fc.record({
  count: fc.integer({ min: 0, max: 65_536 }),
  sum: fc.nat({ max: Number.MAX_SAFE_INTEGER - 1 }),
  max: fc.nat({ max: 2 ** 37 }),
});

const cell = fc.array(series, { minLength: width, maxLength: width }).map((all): Cell => {
  const made = emptyCell();
  const single = all.every(({ count }) => count <= 1);
  for (const [index, { count, sum, max }] of all.entries()) {
    if (count === 0) continue;
    made.counts[index] = count;
    made.sums[index] = sum;
    made.maxima[index] = single ? sum : max;
  }
  return made;
});

const singles = fc
  .array(fc.option(fc.nat({ max: 2 ** 37 }), { nil: undefined }), {
    minLength: width,
    maxLength: width,
  })
  .map((values): Cell => ({
    counts: values.map((value) => (value === undefined ? 0 : 1)),
    sums: values.map((value) => value ?? 0),
    maxima: values.map((value) => value ?? 0),
  }));

test('cells are read as they were written', () => {
  const entries = fc.array(fc.tuple(fc.integer({ min: 0, max: 59 }), fc.oneof(cell, singles)));
  fc.assert(
    fc.property(entries, (written) => {
      const writer = createByteWriter(1);
      for (const [offset, one] of written) writeCell(writer, offset, one);
      const read: [number, Cell][] = [];
      const all = readCells(writer.take(), 60, (offset, one) => {
        read.push([offset, structuredClone(one)]);
      });
      expect(all).toBe(true);
      expect(read).toEqual(written);
    }),
  );
});

test('parts of the tail are read as they were written', () => {
  const parts = fc.array(
    fc.record({
      workload: fc.nat(),
      minute: fc.nat({ max: 1e9 }).map((minutes) => minutes * 60),
      cells: fc.uint8Array(),
    }),
  );
  fc.assert(
    fc.property(parts, (written) => {
      const writer = createByteWriter();
      for (const part of written) writeTailPart(writer, part);
      expect(readTailParts(writer.take())).toEqual(written);
    }),
  );
});

test('any bytes are either understood or refused, in bounded time, and never throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 500 }), (bytes) => {
      let cells = 0;
      const all = readCells(bytes, 60, (offset) => {
        cells += 1;
        expect(offset).toBeLessThan(60);
      });
      expect(typeof all).toBe('boolean');
      expect(cells).toBeLessThanOrEqual(bytes.length / (width + 2));
      readTailParts(bytes);
    }),
  );
});

test('a cut row is refused', () => {
  const writer = createByteWriter();
  writeCell(writer, 3, { ...emptyCell(), counts: emptyCell().counts.map(() => 2) });
  const bytes = writer.take();
  expect(readCells(bytes.subarray(0, bytes.length - 1), 60, () => undefined)).toBe(false);
});
