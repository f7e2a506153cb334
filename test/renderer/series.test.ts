import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { appendReading, emptyColumns } from '../../renderer/state/columns.ts';
import { lineDiff } from '../../renderer/state/line-diff.ts';
import { createSeriesBook, sparkLength } from '../../renderer/state/series-book.ts';
import { idOf, noon, reading } from './fixtures.ts';

const batch = (at: number, ...numbers: readonly number[]) => ({
  kind: 'observations' as const,
  at,
  observations: numbers.map((number) => reading(number, at, number)),
  cost: { cpuCores: 0, residentBytes: 0 },
  leftOut: 0,
});

const syscalls = (number: number, counts: Readonly<Record<string, number>>) => ({
  kind: 'syscalls' as const,
  at: noon,
  workload: 'agents/agent-1',
  container: idOf(number),
  intervalMs: 1000,
  counts,
  failed: {},
  lost: 0,
});

describe('Sparklines', () => {
  test('They hold the latest readings, oldest first.', () => {
    const book = createSeriesBook();
    for (let second = 0; second < sparkLength + 5; second += 1) {
      book.take({
        ...batch(second),
        observations: [reading(1, second, second)],
      });
    }
    const { cpu } = book.of(idOf(1))!;
    expect(cpu).toHaveLength(sparkLength);
    expect([cpu[0], cpu.at(-1)]).toEqual([5, sparkLength + 4]);
  });

  test('Where nothing was read there is a gap, and not a zero.', () => {
    const book = createSeriesBook();
    book.take(batch(1, 1, 2));
    book.take(batch(2, 2));
    expect([...book.of(idOf(1))!.cpu].slice(-2)).toEqual([1, Number.NaN]);
  });

  test('A network that cannot be told apart has no figure.', () => {
    const book = createSeriesBook();
    book.seed({ ...reading(1, noon), network: undefined });
    expect(book.of(idOf(1))!.network.at(-1)).toBeNaN();
  });

  test('System calls are told a second, over all that a batch holds of a container.', () => {
    const book = createSeriesBook();
    const quarter = { ...syscalls(1, { read: 20, write: 5 }), intervalMs: 250 };
    book.take({ ...batch(1, 1, 2), observations: [reading(1, 1, 1), reading(2, 1, 1), quarter] });
    expect(book.of(idOf(1))!.calls.at(-1)).toBe(100);
    expect(book.of(idOf(2))!.calls.at(-1)).toBeNaN();
  });

  test('A container that is gone leaves nothing behind.', () => {
    const book = createSeriesBook();
    book.take(batch(1, 1));
    book.forget(idOf(1));
    expect(book.of(idOf(1))).toBeUndefined();
  });
});

describe('Charts', () => {
  const names = ['cpuCores', 'sentBytes'];

  test('A reading is put at the end, and what is too old leaves.', () => {
    const one = appendReading(emptyColumns(names), reading(1, 1000, 0.1), 0);
    const two = appendReading(one, reading(1, 2000, 0.2), 1500);
    expect(two.at).toEqual([2]);
    expect(two.series['cpuCores']).toEqual([0.2]);
  });

  test('The line breaks where nothing was read for a while.', () => {
    const one = appendReading(emptyColumns(names), reading(1, 1000, 0.1), 0);
    const two = appendReading(one, reading(1, 60_000, 0.2), 0);
    expect(two.at).toEqual([1, 2, 60]);
    expect(two.series['cpuCores']).toEqual([0.1, null, 0.2]);
  });

  test('A reading that is there already is not put twice.', () => {
    const one = appendReading(emptyColumns(names), reading(1, 1000), 0);
    expect(appendReading(one, reading(1, 1000), 0)).toBe(one);
  });
});

describe('The difference between two texts', () => {
  test('A line that changed is removed and added, the others stay.', () => {
    expect(lineDiff('a\nb\nc', 'a\nx\nc').map(({ kind, text }) => `${kind} ${text}`)).toEqual([
      'same a',
      'removed b',
      'added x',
      'same c',
    ]);
  });

  test('From it both texts can be read back.', () => {
    const text = fc.array(fc.constantFrom('a', 'b', 'c', ''), { maxLength: 25 });
    fc.assert(
      fc.property(text, text, (before, after) => {
        const [old, young] = [before.join('\n'), after.join('\n')];
        const lines = lineDiff(old, young);
        const without = (kind: string) =>
          lines.filter((line) => line.kind !== kind).map((line) => line.text);
        expect(without('added').join('\n')).toBe(old);
        expect(without('removed').join('\n')).toBe(young);
      }),
    );
  });

  test('Nothing is told of texts that are the same.', () => {
    expect(lineDiff('a\nb', 'a\nb').every(({ kind }) => kind === 'same')).toBe(true);
  });
});
