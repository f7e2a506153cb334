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
  /** `unguarded`: where it talks to is counted, and all of it let out. */
  | {
      readonly state: 'seeing';
      readonly limits?: Limits;
      readonly unguarded?: true | undefined;
    }
  /** Something is seen, something is not; the reason says what. */
  | { readonly state: 'partly'; readonly reason: string; readonly limits?: Limits }
  /** `lasting`: nobody gave Sentra the means to see, so that it is no news. */
  | { readonly state: 'blind'; readonly reason: string; readonly lasting?: true | undefined }
  /** Asked only on demand, and answered when last asked. */
  | { readonly state: 'on-demand' };

/** What is not kept back, or told for sure, by its very nature: short sentences, none an alarm; undefined for none. */
type Limits = readonly string[] | undefined;

/** Whether a sensor that should see does not; what nobody gave Sentra the means to see is no news. */
export function isNewlyBlind(sight: Sight): boolean {
  return sight.state === 'blind' && sight.lasting !== true;
}

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
