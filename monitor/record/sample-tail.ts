import type { Moment } from '../model/time.ts';
import { createByteWriter, readCells, readTailParts, writeTailPart } from './cell-codec.ts';
import type { TailPart } from './cell-codec.ts';
import type { Database } from './database.ts';
import { rollUp } from './sample-blocks.ts';
import type { SampleBlocks } from './sample-blocks.ts';
import type { Cell } from './sample-cell.ts';
import type { RefusedRows } from './stored-document.ts';

/**
 * The latest samples in the order in which they came: one row a flush, which is all that has to be
 * written every few seconds. Once a minute its rows are folded: moved to the blocks of seconds, and
 * added to the minutes and hours. As rows are deleted in the transaction that adds them up, every
 * sample is counted once, whenever the process dies, and whatever its clock said.
 */
export interface SampleTail {
  /** Throws what SQLite throws, as the others do. */
  append(parts: readonly TailPart[]): void;
  /** True from the first moment of another minute than at the last fold. */
  isFoldDue(now: Moment): boolean;
  /** Moves everything but the minute of `now`. Inside a transaction of the caller's. */
  fold(now: Moment): void;
  /** The transaction of the last fold was kept. */
  settled(now: Moment): void;
  read(workload: number, take: (second: number, cell: Cell) => void): void;
}

export function openSampleTail(
  database: Database,
  refused: RefusedRows,
  blocks: SampleBlocks,
): SampleTail {
  const insert = database.prepare('INSERT INTO sample_tail (cells) VALUES (?)');
  const select = database.prepare('SELECT cells FROM sample_tail ORDER BY id');
  const clear = database.prepare('DELETE FROM sample_tail');
  const touch = database.prepare(
    'UPDATE workloads SET last_seen = ?1 WHERE id = ?2 AND last_seen < ?1',
  );
  const writer = createByteWriter();
  let foldedMinute: number | undefined;

  function minuteOf(moment: Moment): number {
    const second = Math.floor(moment / 1000);
    return second - (second % 60);
  }

  function append(parts: readonly TailPart[]): void {
    if (parts.length === 0) return;
    for (const part of parts) writeTailPart(writer, part);
    insert.run(writer.take());
  }

  function* storedParts(): Generator<TailPart> {
    for (const { cells } of select.all()) {
      const parts = cells instanceof Uint8Array ? readTailParts(cells) : undefined;
      if (parts === undefined) refused.add('sample_tail', 'its parts cannot be read');
      else yield* parts;
    }
  }

  function foldPart(minute: number, workload: number, cells: Uint8Array): void {
    const sum = rollUp(cells);
    if (sum === undefined) {
      refused.add('sample_tail', 'its cells cannot be read');
      return;
    }
    blocks.append('second', minute, workload, cells);
    blocks.combine('minute', minute, workload, sum);
    blocks.combine('hour', minute, workload, sum);
    touch.run(minute * 1000, workload);
  }

  return {
    append,
    isFoldDue: (now) => foldedMinute !== minuteOf(now),
    fold(now) {
      const present = minuteOf(now);
      const staying: TailPart[] = [];
      const moving = new Map<number, Map<number, Uint8Array[]>>();
      for (const part of storedParts()) {
        if (part.minute === present) {
          staying.push(part);
          continue;
        }
        let workloads = moving.get(part.minute);
        if (workloads === undefined)
          moving.set(part.minute, (workloads = new Map<number, Uint8Array[]>()));
        const known = workloads.get(part.workload);
        if (known === undefined) workloads.set(part.workload, [part.cells]);
        else known.push(part.cells);
      }
      for (const [minute, workloads] of moving) {
        for (const [workload, cells] of workloads) {
          foldPart(minute, workload, Buffer.concat(cells));
        }
      }
      clear.run();
      append(staying);
    },
    settled(now) {
      foldedMinute = minuteOf(now);
    },
    read(workload, take) {
      for (const part of storedParts()) {
        if (part.workload !== workload) continue;
        const understood = readCells(part.cells, 60, (offset, cell) =>
          take(part.minute + offset, cell),
        );
        if (!understood) refused.add('sample_tail', 'its cells cannot be read');
      }
    },
  };
}
