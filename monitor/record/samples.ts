import type { ResourceObservation } from '../model/observation.ts';
import type { Moment } from '../model/time.ts';
import type { WorkloadKey } from '../model/workload.ts';
import { ok } from '../runtime/result.ts';
import type { Result } from '../runtime/result.ts';
import type { Database } from './database.ts';
import { openSampleBlocks, spanSeconds } from './sample-blocks.ts';
import type { Resolution } from './sample-blocks.ts';
import { createSampleBuffer } from './sample-buffer.ts';
import { combineInto, emptyCell, summarise } from './sample-cell.ts';
import type { Cell, Summaries } from './sample-cell.ts';
import { openSampleTail } from './sample-tail.ts';
import type { RefusedRows } from './stored-document.ts';
import type { StoreError } from './store-error.ts';
import type { WorkloadIds } from './workloads.ts';

/** The most spans that one reading returns. */
const mostSpans = 5000;

/** Nothing is read from further ahead of now than this, in milliseconds. */
const aheadMs = 60_000;

/** All series of a workload over one second, minute or hour. */
export interface SampleSpan {
  /** When the span starts: a whole second, minute or hour in UTC. */
  readonly at: Moment;
  readonly series: Summaries;
}

/**
 * Resource use over time: seconds, rolled up to minutes and hours, each with mean, maximum and count
 * of each series. Roll-ups combine exactly. Values are rounded to a millionth of a core or share, a
 * KiB of memory, a whole byte/s or fault/s, a hundredth of a packet/s.
 */
export interface SampleRecords {
  /**
   * Takes an observation into memory. It is lost with the process until `flush` has written it.
   * Several in one second are combined; so are those of containers that share a workload.
   */
  add(observation: ResourceObservation): void;
  /**
   * Writes what was added, in one transaction. Called every 5 s, a SIGKILL costs the last 5 s at
   * most. After a failure what was added is kept for the next call, up to 20,000 seconds of
   * workloads; beyond that all of it is dropped and counted as lost.
   */
  flush(): Result<void, StoreError>;
  /**
   * The spans that start from `from` up to, not including, `to`, oldest first, what is still in
   * memory included. Spans without samples are left out; of more than 5,000 up to
   * now the latest are read.
   */
  read(
    workload: WorkloadKey,
    from: Moment,
    to: Moment,
    resolution: Resolution,
  ): Result<readonly SampleSpan[], StoreError>;
  /** Observations lost since the store was opened. */
  lost(): number;
}

/** Over buffer, tail and blocks; by `now` it is known which minutes are over. */
export function openSamples(
  database: Database,
  refused: RefusedRows,
  ids: WorkloadIds,
  now: () => Moment,
): SampleRecords {
  const blocks = openSampleBlocks(database, refused);
  const tail = openSampleTail(database, refused, blocks);
  const buffer = createSampleBuffer();

  return {
    add: (observation) => buffer.add(observation),
    flush() {
      const at = now();
      if (buffer.isEmpty() && !tail.isFoldDue(at)) return ok(undefined);
      const written = database.transaction('The samples were not recorded', () => {
        tail.append(buffer.encode((workload) => ids.findOrCreate(workload, at)));
        return tail.fold(at);
      });
      if (written.ok) {
        buffer.clear();
        written.value();
      } else {
        // Ids that the undone transaction gave out are not in the file.
        ids.forget();
      }
      return written.ok ? ok(undefined) : written;
    },
    read: (workload, from, to, resolution) =>
      database.attempt('The samples were not read', () => {
        const span = spanSeconds[resolution];
        const end = Math.ceil(Math.min(to, now() + aheadMs) / 1000);
        const first = Math.max(0, Math.ceil(from / 1000), end - mostSpans * span);
        const start = Math.ceil(first / span) * span;
        const spans = new Map<number, Cell>();

        function take(second: number, cell: Cell): void {
          const at = second - (second % span);
          if (at < start || at >= end) return;
          let sum = spans.get(at);
          if (sum === undefined) spans.set(at, (sum = emptyCell()));
          combineInto(sum, cell);
        }

        const id = ids.find(workload);
        if (id !== undefined) {
          blocks.read(resolution, id, start, end, take);
          tail.read(id, take);
        }
        buffer.read(workload, take);
        return [...spans]
          .sort(([one], [other]) => one - other)
          .map(([second, cell]) => ({ at: second * 1000, series: summarise(cell) }));
      }),
    lost: () => buffer.lost(),
  };
}
