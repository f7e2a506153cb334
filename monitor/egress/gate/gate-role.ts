import type { Place } from '../carrier/carrier.ts';

/** What the gate is to do about a container. */
export type GateRole =
  /** The devices are those that its wall stands before. */
  | { readonly kind: 'guarded'; readonly place: Place; readonly devices: readonly string[] }
  | { readonly kind: 'free'; readonly place: Place }
  /** Guarded, and not running. */
  | { readonly kind: 'waiting' }
  /** Its list is not known: the gate stays as it is. */
  | { readonly kind: 'unknown' }
  /** Nothing that a gate could stand before. */
  | { readonly kind: 'none' };
