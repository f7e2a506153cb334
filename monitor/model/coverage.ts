import type { Moment } from './time.ts';

/** The sensors that a container can be seen by. */
export const sensorNames = ['resource', 'lifecycle', 'process', 'syscalls', 'egress'] as const;

export type SensorName = (typeof sensorNames)[number];

/**
 * What one sensor really sees of one container, computed from what arrived and not from what was
 * configured.
 */
export type Sight =
  /** Not enough has arrived yet to say. */
  | { readonly state: 'starting' }
  /** `limit`: what cannot be kept back all the same, a sentence without its capital. */
  | { readonly state: 'seeing'; readonly limit?: string | undefined }
  /** Something is seen, something is not; the reason says what. */
  | { readonly state: 'partly'; readonly reason: string }
  /** `lasting`: nobody gave Sentra the means to see, so that it is no news. */
  | { readonly state: 'blind'; readonly reason: string; readonly lasting?: true | undefined }
  /** Asked only on demand, and answered when last asked. */
  | { readonly state: 'on-demand' };

/** The sights that say no more, one object each: they are told of every container every second. */
export const starting: Sight = { state: 'starting' };
export const seeing: Sight = { state: 'seeing' };

/** One badge: a sensor, what it sees, since when, and how many of its items were lost. */
export interface Coverage {
  readonly sensor: SensorName;
  readonly sight: Sight;
  readonly since: Moment;
  /** Items known to be lost since the container was first seen. */
  readonly dropped: number;
}
