import type { ResourceObservation } from '../model/observation.ts';
import type { WorkloadKey } from '../model/workload.ts';
import { createByteWriter, latestSecond, readCells, writeCell } from './cell-codec.ts';
import type { ByteWriter, TailPart } from './cell-codec.ts';
import { clearCell, emptyCell, observeInto } from './sample-cell.ts';
import type { Cell } from './sample-cell.ts';

/** How many cells are held while nothing can be written: 1 to 2 MB. */
const mostCells = 20_000;

/** The samples that are in memory only. */
export interface SampleBuffer {
  add(observation: ResourceObservation): void;
  isEmpty(): boolean;
  /** Everything held. Nothing is forgotten. */
  encode(idOf: (workload: WorkloadKey) => number): readonly TailPart[];
  clear(): void;
  /** The cell given to `take` is good during the call only. */
  read(workload: WorkloadKey, take: (second: number, cell: Cell) => void): void;
  /** Observations dropped: no room, or taken at no moment that a calendar knows. */
  lost(): number;
}

/** What is held of one workload. Kept from flush to flush, so that samples allocate nothing. */
interface Held {
  /** The second in hand, and what was observed in it; undefined when `cell` is empty. */
  second: number | undefined;
  readonly cell: Cell;
  /** The minute that `bytes` counts its offsets from. */
  minute: number;
  readonly bytes: ByteWriter;
  /** Minutes before. */
  readonly closed: { readonly minute: number; readonly cells: Uint8Array }[];
}

/** An empty buffer: gathers observations into cells of a second until they are written. */
export function createSampleBuffer(): SampleBuffer {
  const workloads = new Map<WorkloadKey, Held>();
  let cells = 0;
  let observations = 0;
  let lost = 0;

  function clear(): void {
    for (const [key, held] of workloads) {
      // Nothing came since the last time: it has gone.
      if (isIdle(held)) workloads.delete(key);
      held.second = undefined;
      clearCell(held.cell);
      held.bytes.clear();
      held.closed.length = 0;
    }
    cells = 0;
    observations = 0;
  }

  return {
    add(observation) {
      const second = Math.floor(observation.at / 1000);
      if (!(second >= 0 && second <= latestSecond)) {
        lost += 1;
        return;
      }
      if (cells >= mostCells) {
        lost += observations;
        clear();
      }
      let held = workloads.get(observation.workload);
      if (held === undefined) workloads.set(observation.workload, (held = holdNothing()));
      if (held.second !== second) {
        closeSecond(held);
        held.second = second;
        cells += 1;
      }
      observeInto(held.cell, observation);
      observations += 1;
    },
    isEmpty: () => observations === 0,
    encode(idOf) {
      const parts: TailPart[] = [];
      for (const [key, held] of workloads) {
        if (isIdle(held)) continue;
        closeSecond(held);
        closeMinute(held);
        const workload = idOf(key);
        for (const { minute, cells: ofMinute } of held.closed) {
          parts.push({ workload, minute, cells: ofMinute });
        }
      }
      return parts;
    },
    clear,
    read(workload, take) {
      const held = workloads.get(workload);
      if (held === undefined) return;
      closeSecond(held);
      closeMinute(held);
      for (const { minute, cells: ofMinute } of held.closed) {
        readCells(ofMinute, 60, (offset, cell) => take(minute + offset, cell));
      }
    },
    lost: () => lost,
  };
}

function holdNothing(): Held {
  const bytes = createByteWriter(512);
  return { second: undefined, cell: emptyCell(), minute: 0, bytes, closed: [] };
}

function isIdle(held: Held): boolean {
  return held.second === undefined && held.bytes.length() === 0 && held.closed.length === 0;
}

function closeSecond(held: Held): void {
  if (held.second === undefined) return;
  const minute = held.second - (held.second % 60);
  if (minute !== held.minute) {
    closeMinute(held);
    held.minute = minute;
  }
  writeCell(held.bytes, held.second - minute, held.cell);
  clearCell(held.cell);
  held.second = undefined;
}

function closeMinute(held: Held): void {
  if (held.bytes.length() === 0) return;
  held.closed.push({ minute: held.minute, cells: held.bytes.take() });
}
