import type { ResourceObservation } from '../model/observation.ts';
import type { WorkloadKey } from '../model/workload.ts';
import { createByteWriter, latestSecond, writeCell } from './cell-codec.ts';
import type { TailPart } from './cell-codec.ts';
import { emptyCell, fullest, observeInto } from './sample-cell.ts';
import type { Cell } from './sample-cell.ts';

/** How many seconds of workloads are held while nothing can be written: about 10 MB. */
const mostCells = 20_000;

/** The samples that are in memory only. */
export interface SampleBuffer {
  add(observation: ResourceObservation): void;
  isEmpty(): boolean;
  /** Everything held, one part a workload and minute. Nothing is forgotten. */
  encode(idOf: (workload: WorkloadKey) => number): readonly TailPart[];
  clear(): void;
  read(workload: WorkloadKey, take: (second: number, cell: Cell) => void): void;
  /** Observations dropped: no room, or taken at no moment that a calendar knows. */
  lost(): number;
}

export function createSampleBuffer(): SampleBuffer {
  const held = new Map<WorkloadKey, Map<number, Cell>>();
  const writer = createByteWriter();
  let cells = 0;
  let lost = 0;

  function dropAll(): void {
    for (const seconds of held.values()) {
      for (const cell of seconds.values()) lost += fullest(cell);
    }
    held.clear();
    cells = 0;
  }

  return {
    add(observation) {
      const second = Math.floor(observation.at / 1000);
      if (!(second >= 0 && second <= latestSecond)) {
        lost += 1;
        return;
      }
      if (cells >= mostCells) dropAll();
      let seconds = held.get(observation.workload);
      if (seconds === undefined)
        held.set(observation.workload, (seconds = new Map<number, Cell>()));
      let cell = seconds.get(second);
      if (cell === undefined) {
        seconds.set(second, (cell = emptyCell()));
        cells += 1;
      }
      observeInto(cell, observation);
    },
    isEmpty: () => cells === 0,
    encode(idOf) {
      const parts: TailPart[] = [];
      for (const [key, seconds] of held) {
        const workload = idOf(key);
        for (const [minute, ofMinute] of byMinute(seconds)) {
          for (const [second, cell] of ofMinute) writeCell(writer, second - minute, cell);
          parts.push({ workload, minute, cells: writer.take() });
        }
      }
      return parts;
    },
    clear() {
      held.clear();
      cells = 0;
    },
    read(workload, take) {
      for (const [second, cell] of held.get(workload) ?? []) take(second, cell);
    },
    lost: () => lost,
  };
}

function byMinute(seconds: ReadonlyMap<number, Cell>): Map<number, (readonly [number, Cell])[]> {
  const minutes = new Map<number, (readonly [number, Cell])[]>();
  for (const entry of seconds) {
    const minute = entry[0] - (entry[0] % 60);
    const known = minutes.get(minute);
    if (known === undefined) minutes.set(minute, [entry]);
    else known.push(entry);
  }
  return minutes;
}
