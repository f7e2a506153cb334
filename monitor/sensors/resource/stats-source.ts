import type { EngineReader, EngineStream, ResourceCounters } from '../../engine/port.ts';
import type { ContainerId } from '../../model/workload.ts';
import { createBackoff } from '../../runtime/backoff.ts';
import type { Clock } from '../../runtime/clock.ts';

/** A container's figures from the engine's stream of stats. */
export interface StatsSource {
  /** Looks after the stream: opens it when it is due, closes one that fell silent. Call about every second. */
  tend(): void;
  close(): void;
}

export interface StatsOutput {
  readonly onCounters: (counters: ResourceCounters) => void;
  /** A message could not be understood. */
  readonly onGarbage: () => void;
}

/** A stream that is silent for longer is closed and opened again, milliseconds. */
const watchdogMs = 5000;

/**
 * Opens the stream. The engine sends about one reading a second; a stream that ended is opened
 * again with back-off (0.25 s to 30 s, jittered), and so is one that fell silent without ending,
 * which happens when the engine or what lies between hangs.
 */
export function openStatsSource(
  reader: Pick<EngineReader, 'openStats'>,
  container: ContainerId,
  clock: Clock,
  output: StatsOutput,
): StatsSource {
  const backoff = createBackoff(250, 30_000);
  let stream: EngineStream | undefined;
  let generation = 0;
  let heardAt = 0;
  let dueAt = clock.monotonic();
  let closed = false;

  function end(): void {
    stream = undefined;
    generation += 1;
    dueAt = clock.monotonic() + backoff.next();
  }

  function open(): void {
    heardAt = clock.monotonic();
    generation += 1;
    const own = generation;
    const opened = reader.openStats(container, {
      onItem: (counters) => {
        if (closed || own !== generation) return;
        heardAt = clock.monotonic();
        backoff.reset();
        output.onCounters(counters);
      },
      onEnd: () => {
        if (!closed && own === generation) end();
      },
      onGarbage: () => {
        if (!closed && own === generation) output.onGarbage();
      },
    });
    // A stream may end before it is even handed over.
    if (own === generation) stream = opened;
    else opened.close();
  }

  function tend(): void {
    if (closed) return;
    const now = clock.monotonic();
    if (stream !== undefined && now - heardAt >= watchdogMs) {
      stream.close();
      end();
    }
    if (stream === undefined && now >= dueAt) open();
  }

  tend();
  return {
    tend,
    close() {
      closed = true;
      stream?.close();
      stream = undefined;
    },
  };
}
