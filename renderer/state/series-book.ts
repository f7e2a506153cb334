import { callRates } from './call-mix.ts';
import type { ContainerId, MonitorEvent, ResourceReading } from './model.ts';

/** How many readings a sparkline shows. */
export const sparkLength = 60;

/** The latest readings of one container, oldest first; NaN where there was none. */
export interface Sparks {
  /** Cores. */
  readonly cpu: Float32Array;
  /** Bytes. */
  readonly memory: Float32Array;
  /** Bytes a second, sent and received together. */
  readonly network: Float32Array;
  /** System calls a second; NaN where nothing counts them. */
  readonly calls: Float32Array;
}

/**
 * The sparklines' numbers. Written in place, beside the state and not in it: a thousand containers
 * with three series each are too much to copy every second.
 */
export interface SeriesBook {
  of(container: ContainerId): Sparks | undefined;
  /** Moves every series on by one reading. */
  take(event: Extract<MonitorEvent, { readonly kind: 'observations' }>): void;
  /** Puts in what was read before this window was open. */
  seed(reading: ResourceReading): void;
  forget(container: ContainerId): void;
  clear(): void;
}

function blank(): Sparks {
  const series = () => new Float32Array(sparkLength).fill(Number.NaN);
  return { cpu: series(), memory: series(), network: series(), calls: series() };
}

function push(series: Float32Array, value: number): void {
  series.copyWithin(0, 1);
  series[series.length - 1] = value;
}

/** Bytes a second both ways; NaN where the network cannot be told apart. */
export function networkRate({ network }: ResourceReading): number {
  return network === undefined ? Number.NaN : network.receivedBytes + network.sentBytes;
}

/** A book without readings. */
export function createSeriesBook(): SeriesBook {
  const book = new Map<ContainerId, Sparks>();

  function write(reading: ResourceReading): void {
    let sparks = book.get(reading.container);
    if (sparks === undefined) {
      sparks = blank();
      book.set(reading.container, sparks);
    }
    push(sparks.cpu, reading.cpuCores);
    push(sparks.memory, reading.memoryBytes);
    push(sparks.network, networkRate(reading));
  }

  return {
    of: (container) => book.get(container),
    take({ observations }) {
      const read = new Set<ContainerId>();
      for (const observation of observations) {
        if (observation.kind !== 'resource') continue;
        read.add(observation.container);
        write(observation);
      }
      for (const [container, sparks] of book) {
        if (read.has(container)) continue;
        // Nothing was read: a gap, and not a zero.
        push(sparks.cpu, Number.NaN);
        push(sparks.memory, Number.NaN);
        push(sparks.network, Number.NaN);
      }
      const rates = callRates(observations);
      for (const [container, sparks] of book)
        push(sparks.calls, rates.get(container) ?? Number.NaN);
    },
    seed(reading) {
      if (!book.has(reading.container)) write(reading);
    },
    forget: (container) => void book.delete(container),
    clear: () => book.clear(),
  };
}
