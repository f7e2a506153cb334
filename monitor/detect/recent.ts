import type { Evidence } from '../model/finding.ts';
import type { Moment } from '../model/time.ts';
import { clearRing, createRing, pushToRing, ringAt, ringFloor, type Ring } from '../stats/ring.ts';
import type { Second } from './second.ts';
import { series, seriesNames, valueOf, type SeriesName } from './series.ts';

/** How many seconds are kept: what is learned late, and the ten before it. */
const keptSeconds = 136;

/** Over how many seconds a level must hold to count as sustained. */
export const sustainedSeconds = 10;

/** The latest seconds of a container. A value that the sensor could not tell is NaN. */
export interface Recent {
  readonly at: Ring;
  readonly values: Readonly<Record<SeriesName, Ring>>;
}

/** Nothing kept yet. */
export function createRecent(): Recent {
  return {
    at: createRing(keptSeconds),
    values: {
      cpu: createRing(keptSeconds),
      memory: createRing(keptSeconds),
      processes: createRing(keptSeconds),
      sent: createRing(keptSeconds),
      received: createRing(keptSeconds),
      block: createRing(keptSeconds),
    },
  };
}

/** Adds a second. */
export function remember(recent: Recent, second: Second): void {
  pushToRing(recent.at, second.at);
  const { values } = recent;
  // One by one: a loop over the names leaves six objects to collect, every second of every container.
  pushToRing(values.cpu, valueOf('cpu', second) ?? Number.NaN);
  pushToRing(values.memory, valueOf('memory', second) ?? Number.NaN);
  pushToRing(values.processes, valueOf('processes', second) ?? Number.NaN);
  pushToRing(values.sent, valueOf('sent', second) ?? Number.NaN);
  pushToRing(values.received, valueOf('received', second) ?? Number.NaN);
  pushToRing(values.block, valueOf('block', second) ?? Number.NaN);
}

/** Forgets all, after a gap: what follows does not continue what was before. */
export function forget(recent: Recent): void {
  clearRing(recent.at);
  for (const name of seriesNames) clearRing(recent.values[name]);
}

/**
 * The least value of the latest ten seconds, `back` seconds ago; undefined when it is not known for
 * all of them.
 */
export function sustainedLevel(recent: Recent, name: SeriesName, back = 0): number | undefined {
  const ring = recent.values[name];
  if (back === 0) {
    const floor = ringFloor(ring, sustainedSeconds);
    return Number.isNaN(floor) ? undefined : floor;
  }
  let floor = Infinity;
  for (let step = back; step < back + sustainedSeconds; step += 1) {
    const value = ringAt(ring, step);
    if (value === undefined || Number.isNaN(value)) return undefined;
    floor = Math.min(floor, value);
  }
  return floor;
}

/** The middle value of the latest five seconds; undefined while fewer are known. */
export function middleOfFive(recent: Recent, name: SeriesName): number | undefined {
  const five: number[] = [];
  for (let back = 0; back < 5; back += 1) {
    const value = ringAt(recent.values[name], back);
    if (value === undefined || Number.isNaN(value)) return undefined;
    five.push(value);
  }
  return five.sort((a, b) => a - b)[2];
}

/** The latest values of a series as evidence, at most a minute of them. */
export function recentEvidence(
  recent: Recent,
  name: SeriesName,
  observed: number,
  expected: Evidence['expected'],
): Evidence {
  const points: { at: Moment; value: number }[] = [];
  for (let back = Math.min(60, recent.at.size) - 1; back >= 0; back -= 1) {
    const at = ringAt(recent.at, back);
    const value = ringAt(recent.values[name], back);
    if (at !== undefined && value !== undefined && !Number.isNaN(value)) points.push({ at, value });
  }
  const meaning = series[name];
  return { series: meaning.title, unit: meaning.unit, observed, expected, recent: points };
}
