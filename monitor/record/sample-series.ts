import type { ResourceObservation } from '../model/observation.ts';

/** One series of the resource observations, as it is kept over time. */
interface Series {
  readonly name: string;
  /**
   * Values are kept in whole steps: whole numbers add up without rounding, so that it does not
   * matter in which order, or in how many parts, samples are combined.
   */
  readonly stepsPerUnit: number;
  readonly read: (observation: ResourceObservation) => number | undefined;
}

/** In the order in which they are stored: a new series goes to the end. */
export const allSeries = [
  { name: 'cpuCores', stepsPerUnit: 1e6, read: (from) => from.cpuCores },
  { name: 'throttledShare', stepsPerUnit: 1e6, read: (from) => from.throttledShare },
  { name: 'memoryBytes', stepsPerUnit: 1 / 1024, read: (from) => from.memoryBytes },
  { name: 'anonymousBytes', stepsPerUnit: 1 / 1024, read: (from) => from.anonymousBytes },
  { name: 'cacheBytes', stepsPerUnit: 1 / 1024, read: (from) => from.cacheBytes },
  { name: 'memoryLimitBytes', stepsPerUnit: 1 / 1024, read: (from) => from.memoryLimitBytes },
  { name: 'faultsPerSecond', stepsPerUnit: 1, read: (from) => from.faultsPerSecond },
  { name: 'pids', stepsPerUnit: 1, read: (from) => from.pids },
  { name: 'pidsLimit', stepsPerUnit: 1, read: (from) => from.pidsLimit },
  { name: 'receivedBytes', stepsPerUnit: 1, read: (from) => from.network?.receivedBytes },
  { name: 'sentBytes', stepsPerUnit: 1, read: (from) => from.network?.sentBytes },
  { name: 'receivedPackets', stepsPerUnit: 100, read: (from) => from.network?.receivedPackets },
  { name: 'sentPackets', stepsPerUnit: 100, read: (from) => from.network?.sentPackets },
  { name: 'readBytes', stepsPerUnit: 1, read: (from) => from.block?.readBytes },
  { name: 'writtenBytes', stepsPerUnit: 1, read: (from) => from.block?.writtenBytes },
] as const satisfies readonly Series[];

export type SeriesName = (typeof allSeries)[number]['name'];

/**
 * The most steps that one value may have, 2^37: 128 GiB/s, 128 TiB of memory, 137,000 cores. Sums
 * of 65,536 such values are still exact in a double; an hour at 10 Hz has 36,000.
 */
const mostSteps = 2 ** 37;

/** A value in whole steps, cut at the most; -1 for one that is missing, not finite or below zero. */
export function toSteps(value: number | undefined, stepsPerUnit: number): number {
  // Written so that NaN is refused too.
  if (value === undefined || !(value >= 0 && value < Infinity)) return -1;
  return Math.min(mostSteps, Math.round(value * stepsPerUnit));
}
