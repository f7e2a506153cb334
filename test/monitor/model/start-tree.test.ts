import fc from 'fast-check';
import { expect, test } from 'vitest';
import { startTree } from '../../../monitor/model/start-tree.ts';

const start = (pid: number, parentPid: number, name = '') => ({ pid, parentPid, name });

test('A process stands beneath what started it, and what it became stands beside what it was.', () => {
  const rows = startTree([start(1, 0), start(2, 1, 'sh'), start(2, 1, 'ls'), start(3, 2)]);
  expect(rows.map(({ start: { pid, name }, depth }) => [depth, pid, name])).toEqual([
    [0, 1, ''],
    [1, 2, 'sh'],
    [1, 2, 'ls'],
    [2, 3, ''],
  ]);
});

test('Every start has one row, whatever the process ids are: loops, reuse, its own parent.', () => {
  const some = fc.array(fc.record({ pid: fc.nat(5), parentPid: fc.nat(5) }), { maxLength: 200 });
  fc.assert(
    fc.property(some, (starts) => {
      const rows = startTree(starts);
      expect(new Set(rows.map((row) => row.start))).toEqual(new Set(starts));
      expect(rows).toHaveLength(starts.length);
    }),
  );
});
