import type { WrittenEgressRule } from './egress.ts';
import type { Moment } from './time.ts';
import type { ContainerId, WorkloadKey } from './workload.ts';

/** What becomes of a held connection while nobody has decided for good. */
export type HeldState =
  /** It is held; at `until` it is refused, unless somebody has answered. */
  | { readonly kind: 'waiting'; readonly until: Moment }
  /** Nobody answered in time: refused. It asks again when the container tries after `quietUntil`. */
  | { readonly kind: 'unanswered'; readonly quietUntil: Moment }
  /** A person put it off: refused, and not asked again until somebody answers. */
  | { readonly kind: 'deferred' };

/** A kind of traffic that was tried. */
export interface HeldPort {
  readonly protocol: 'tcp' | 'udp';
  readonly port: number;
}

/**
 * A destination that a workload wants to reach and no rule decides about: one, whatever ports of it are
 * tried, and whichever of its containers try.
 */
export interface HeldRequest {
  /** Unique on this monitor, as long as it is held. */
  readonly id: string;
  /** The container that tried first, of those that run. */
  readonly container: ContainerId;
  readonly workload: WorkloadKey;
  /** The container's name. Untrusted text. */
  readonly containerName: string;
  readonly image: string;
  /** Where to, by name; undefined where it was addressed directly. Untrusted text, in punycode. */
  readonly name: string | undefined;
  /** Of a name that was never asked of anybody, a placeholder. */
  readonly address: string;
  /** What was tried first and is undecided still. */
  readonly protocol: 'tcp' | 'udp';
  readonly port: number;
  /** What else of the destination was tried and is undecided, at most 8. */
  readonly others: readonly HeldPort[];
  /** Whether a connection waits for the answer; datagrams and IPv6 are refused while it is asked. */
  readonly isHeld: boolean;
  readonly firstAt: Moment;
  readonly lastAt: Moment;
  /** How often it was tried, counted once a second at most. */
  readonly attempts: number;
  readonly state: HeldState;
}

/** A rule that would decide about a held request, and what else it would have decided. */
export interface HeldOffer {
  readonly rule: WrittenEgressRule;
  /** How many of the destinations of the past day it would have matched. */
  readonly matched: number;
}

/** A held request with all that helps to decide. */
export interface HeldQuestion extends HeldRequest {
  /** To allow it, and to deny it; the narrowest first, but what covers TCP and UDP of one port. */
  readonly offers: readonly HeldOffer[];
  /** Destinations of the past day, of which offers tell how many they would have matched. */
  readonly destinations: number;
  /** When the workload was there last, by the record. */
  readonly lastVisit: Moment | undefined;
  /** Since when there is a record of this workload. */
  readonly recordedSince: Moment | undefined;
}
