import type { Database } from './database.ts';
import { createByteWriter, readCells, writeCell } from './cell-codec.ts';
import { combineInto, emptyCell } from './sample-cell.ts';
import type { Cell } from './sample-cell.ts';
import type { RefusedRows } from './stored-document.ts';

/** How finely samples are kept. */
export type Resolution = 'second' | 'minute' | 'hour';

/** The length of one cell in seconds. */
export const spanSeconds: Readonly<Record<Resolution, number>> = {
  second: 1,
  minute: 60,
  hour: 3600,
};

/** How many cells one row holds. */
const cellsPerBlock: Readonly<Record<Resolution, number>> = { second: 60, minute: 60, hour: 1 };

/**
 * Above this many bytes a row's cells of the same span are combined. Below, new cells are only added
 * at the end, which is cheaper; the single hour of a row is always combined.
 */
const combineAbove: Readonly<Record<Resolution, number>> = {
  second: 16_384,
  minute: 16_384,
  hour: 0,
};

/** Rows of cells, by resolution, time and workload. Everything throws what SQLite throws. */
export interface SampleBlocks {
  /** Adds cells, encoded with offsets from `start` (seconds since 1970, a start of a block). */
  append(resolution: Resolution, start: number, workload: number, cells: Uint8Array): void;
  /** Combines `cell` into the span that holds the moment `second`. */
  combine(resolution: Resolution, second: number, workload: number, cell: Cell): void;
  /** Calls `take` for every stored cell that starts from `from` up to, not including, `to`. */
  read(
    resolution: Resolution,
    workload: number,
    from: number,
    to: number,
    take: (second: number, cell: Cell) => void,
  ): void;
}

/** The length of a block in seconds. */
export function blockSeconds(resolution: Resolution): number {
  return spanSeconds[resolution] * cellsPerBlock[resolution];
}

/** Over the table of blocks; one that breaks off is counted in `refused`, and read as far as it goes. */
export function openSampleBlocks(database: Database, refused: RefusedRows): SampleBlocks {
  const select = database.prepare(
    'SELECT cells FROM sample_blocks WHERE resolution = ? AND start = ? AND workload = ?',
  );
  const write = database.prepare(`
    INSERT INTO sample_blocks (resolution, start, workload, cells) VALUES (?, ?, ?, ?)
    ON CONFLICT (resolution, start, workload) DO UPDATE SET cells = excluded.cells
  `);
  const writer = createByteWriter();

  function stored(resolution: Resolution, start: number, workload: number): Uint8Array | undefined {
    const cells = select.get(spanSeconds[resolution], start, workload)?.['cells'];
    return cells instanceof Uint8Array ? cells : undefined;
  }

  function combined(resolution: Resolution, parts: readonly Uint8Array[]): Uint8Array {
    const perOffset = new Map<number, Cell>();
    for (const part of parts) {
      const understood = readCells(part, cellsPerBlock[resolution], (offset, cell) => {
        let sum = perOffset.get(offset);
        if (sum === undefined) perOffset.set(offset, (sum = emptyCell()));
        combineInto(sum, cell);
      });
      if (!understood) refused.add('sample_blocks', 'its cells cannot be read to their end');
    }
    for (const [offset, cell] of perOffset) writeCell(writer, offset, cell);
    return writer.take();
  }

  function append(
    resolution: Resolution,
    start: number,
    workload: number,
    cells: Uint8Array,
  ): void {
    const before = stored(resolution, start, workload);
    let all = cells;
    if (before !== undefined) {
      all =
        before.length + cells.length > combineAbove[resolution]
          ? combined(resolution, [before, cells])
          : Buffer.concat([before, cells]);
    }
    write.run(spanSeconds[resolution], start, workload, all);
  }

  return {
    append,
    combine(resolution, second, workload, cell) {
      const start = second - (second % blockSeconds(resolution));
      writeCell(writer, Math.floor((second - start) / spanSeconds[resolution]), cell);
      append(resolution, start, workload, writer.take());
    },
    read(resolution, workload, from, to, take) {
      const length = blockSeconds(resolution);
      const span = spanSeconds[resolution];
      for (let start = from - (from % length); start < to; start += length) {
        const cells = stored(resolution, start, workload);
        if (cells === undefined) continue;
        const understood = readCells(cells, cellsPerBlock[resolution], (offset, cell) => {
          const second = start + offset * span;
          if (second >= from && second < to) take(second, cell);
        });
        if (!understood) refused.add('sample_blocks', 'its cells cannot be read to their end');
      }
    },
  };
}

/** All cells of `cells` (one block at seconds) as one, or undefined when they are garbage. */
export function rollUp(cells: Uint8Array): Cell | undefined {
  const sum = emptyCell();
  const understood = readCells(cells, cellsPerBlock.second, (_offset, cell) =>
    combineInto(sum, cell),
  );
  return understood ? sum : undefined;
}
