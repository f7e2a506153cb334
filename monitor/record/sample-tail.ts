import type { Moment } from '../model/time.ts';
import { createByteWriter, readCells, readTailParts, writeTailPart } from './cell-codec.ts';
import type { TailPart } from './cell-codec.ts';
import type { Database } from './database.ts';
import { rollUp } from './sample-blocks.ts';
import type { SampleBlocks } from './sample-blocks.ts';
import type { Cell } from './sample-cell.ts';
import type { RefusedRows } from './stored-document.ts';

/** How many workloads share the rows of the tail: as many as are folded in about 5 ms. */
const workloadsPerShard = 64;

/** How many shards one call folds, so that no call takes long however many workloads there are. */
const shardsPerFold = 2;

/**
 * The latest samples in the order in which they came, which is all that has to be written every few
 * seconds. Once a minute they are folded: moved to the blocks of seconds, and added to the minutes
 * and hours. As rows are deleted in the transaction that adds them up, every sample is counted once,
 * whenever the process dies, and whatever its clock said. Everything throws what SQLite throws.
 */
export interface SampleTail {
  append(parts: readonly TailPart[]): void;
  /** True from the first moment of another minute on, until all is folded. */
  isFoldDue(now: Moment): boolean;
  /**
   * Moves some of what is due, but nothing of the minute of `now`. Inside a transaction of the
   * caller's, who calls what is returned when the transaction was kept.
   */
  fold(now: Moment): () => void;
  read(workload: number, take: (second: number, cell: Cell) => void): void;
}

/** Over the table of minutes that are in no block yet; folding them adds them to `blocks`. */
export function openSampleTail(
  database: Database,
  refused: RefusedRows,
  blocks: SampleBlocks,
): SampleTail {
  const insert = database.prepare('INSERT INTO sample_tail (shard, cells) VALUES (?, ?)');
  const selectShards = database.prepare(
    // Others are not ours, and too large for a number.
    'SELECT DISTINCT shard FROM sample_tail WHERE shard BETWEEN 0 AND 4294967296',
  );
  const select = database.prepare('SELECT cells FROM sample_tail WHERE shard = ? ORDER BY id');
  const clear = database.prepare('DELETE FROM sample_tail WHERE shard = ?');
  const touch = database.prepare(
    'UPDATE workloads SET last_seen = ?1 WHERE id = ?2 AND last_seen < ?1',
  );
  const writer = createByteWriter();
  let due: readonly number[] = [];
  let dueMinute: number | undefined;

  function append(parts: readonly TailPart[]): void {
    for (const [shard, ofShard] of groupBy(parts, (part) => shardOf(part.workload))) {
      for (const part of ofShard) writeTailPart(writer, part);
      insert.run(shard, writer.take());
    }
  }

  function storedParts(shard: number): readonly TailPart[] {
    return select.all(shard).flatMap(({ cells }) => {
      const parts = cells instanceof Uint8Array ? readTailParts(cells) : undefined;
      if (parts === undefined) refused.add('sample_tail', 'its parts cannot be read');
      return parts ?? [];
    });
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

  function foldShard(shard: number, present: number): void {
    const parts = storedParts(shard);
    const moving = parts.filter((part) => part.minute !== present);
    for (const [minute, ofMinute] of groupBy(moving, (part) => part.minute)) {
      for (const [workload, ofWorkload] of groupBy(ofMinute, (part) => part.workload)) {
        foldPart(minute, workload, Buffer.concat(ofWorkload.map((part) => part.cells)));
      }
    }
    clear.run(shard);
    append(parts.filter((part) => part.minute === present));
  }

  return {
    append,
    isFoldDue: (now) => due.length > 0 || dueMinute !== minuteOf(now),
    fold(now) {
      const present = minuteOf(now);
      const shards =
        due.length > 0 || dueMinute === present
          ? due
          : selectShards.all().map(({ shard }) => Number(shard));
      for (const shard of shards.slice(0, shardsPerFold)) foldShard(shard, present);
      return () => {
        due = shards.slice(shardsPerFold);
        dueMinute = present;
      };
    },
    read(workload, take) {
      for (const part of storedParts(shardOf(workload))) {
        if (part.workload !== workload) continue;
        const understood = readCells(part.cells, 60, (offset, cell) =>
          take(part.minute + offset, cell),
        );
        if (!understood) refused.add('sample_tail', 'its cells cannot be read');
      }
    },
  };
}

function shardOf(workload: number): number {
  return Math.floor(workload / workloadsPerShard);
}

function minuteOf(moment: Moment): number {
  const second = Math.floor(moment / 1000);
  return second - (second % 60);
}

function groupBy<Item>(
  items: readonly Item[],
  keyOf: (item: Item) => number,
): Map<number, readonly Item[]> {
  const groups = new Map<number, Item[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return groups;
}
