import type { Moment } from './time.ts';
import type { ContainerId } from './workload.ts';

/**
 * What is done about a workload's egress. `observe`, which holds where nobody chose another, counts and
 * lets everything out; `off` leaves the container's network untouched; `ask` and `enforce` let out what rules allow alone, and differ in what no rule decides: `ask` holds it until a
 * person has answered, `enforce` refuses it at once.
 */
export const egressModes = ['off', 'observe', 'ask', 'enforce'] as const;

export type EgressMode = (typeof egressModes)[number];

/** How long a rule is to hold, as it is asked for; `forever` is the same as saying nothing. */
export const egressSpans = ['once', '15-minutes', 'container', 'image', 'forever'] as const;

export type EgressSpan = (typeof egressSpans)[number];

/** How long a rule holds, tied to what ends it. A rule without one holds for ever. */
export type EgressLifetime =
  /** Until its first use is over, or it has waited for one in vain; `usedAt` is the latest use. */
  | { readonly kind: 'once'; readonly since: Moment; readonly usedAt?: Moment | undefined }
  | { readonly kind: 'until'; readonly at: Moment }
  /** Until this run of this container ends; it holds for no other container. */
  | {
      readonly kind: 'container';
      readonly container: ContainerId;
      readonly startedAt?: Moment | undefined;
    }
  /** For containers made of this very image, by the id of its content. */
  | { readonly kind: 'image'; readonly image: string };

/** Which traffic a rule of a list is about; no two rules of one list have the same. */
export interface EgressRuleSubject {
  /** `example.com`, `*.example.com`, `192.0.2.1`, `10.0.0.0/8`, `2001:db8::/32`. */
  readonly target: string;
  readonly protocol?: 'tcp' | 'udp' | undefined;
  /** 1 to 65535. */
  readonly port?: number | undefined;
}

/** A rule of an egress list as it is written: in the file, on the wire, on the command line. */
export interface WrittenEgressRule extends EgressRuleSubject {
  readonly verdict: 'allow' | 'deny';
  /** Whether the name may lead to private addresses. */
  readonly local?: boolean | undefined;
  /** A wish, or what the monitor tied it to when it took the rule in. */
  readonly lifetime?: EgressSpan | EgressLifetime | undefined;
  /** A person's words about it, at most 500 characters. */
  readonly note?: string | undefined;
  /** Who put it in, and by what: `ada, in the window`. */
  readonly by?: string | undefined;
  readonly at?: Moment | undefined;
}

/** Rules with a name, that several workloads may share. */
export interface WrittenEgressProfile {
  /** Lower-case letters, digits and hyphens, at most 40. */
  readonly name: string;
  readonly note?: string | undefined;
  /** They hold for ever. */
  readonly rules: readonly WrittenEgressRule[];
}

/** How often a rule was used, as far as it was seen. */
export interface EgressRuleUse {
  /** Looks at which traffic fell under the rule. */
  readonly count: number;
  readonly lastAt: Moment | undefined;
}

/** Something wrong with a list: where, counted from 0, and what, as a sentence. */
export interface EgressRuleProblem {
  /** Undefined when it concerns the list as a whole. */
  readonly index: number | undefined;
  readonly message: string;
}

/** Something to know of a rule that is right: which one, counted from 0, and what, as a sentence. */
export interface EgressRuleRemark {
  readonly index: number;
  readonly message: string;
}

/** What went to and came from one address, protocol and port within the interval. */
export interface EgressDestination {
  readonly address: string;
  /** The allowed name that led to the address last; undefined where none is known. Untrusted text. */
  readonly name: string | undefined;
  /** `tcp`, `udp`, `icmp`, … as the kernel names it. */
  readonly protocol: string;
  /** Undefined for protocols without ports. */
  readonly port: number | undefined;
  /** Packets and bytes that the container tried to send, refused ones included. */
  readonly sentPackets: number;
  readonly sentBytes: number;
  readonly receivedPackets: number;
  readonly receivedBytes: number;
  readonly refusedPackets: number;
}

/** What went to and came from one address, protocol and port over a longer time. */
export interface SeenDestination extends EgressDestination {
  /** Looks, five seconds apart, at which there was traffic. */
  readonly looks: number;
  readonly firstSeenAt: Moment;
  readonly lastSeenAt: Moment;
}

/**
 * What a wall refuses without looking where it goes: frames that pass the kernel's own network code by
 * (packet sockets), and fragments of the sender's own making.
 */
export const refusedKinds = ['raw-frames', 'fragments'] as const;

/** How much of a kind was refused within the interval. */
export interface RefusedKind {
  readonly kind: (typeof refusedKinds)[number];
  readonly packets: number;
}

/** How much of a kind was refused over a longer time. */
export interface SeenKind extends RefusedKind {
  readonly firstSeenAt: Moment;
  readonly lastSeenAt: Moment;
}

/** A name that was asked. Untrusted text. */
export interface AskedName {
  readonly name: string;
  /** Nothing of it left: no rule allows it, one denies it, or it was held. */
  readonly refused: boolean;
  /** It was refused because a person is asked about it. */
  readonly held?: true | undefined;
  /** Questions; programs ask for addresses of IPv4 and of IPv6 each. */
  readonly count: number;
  /**
   * How many of these, and of those told before, a name server answered without an error: also that the
   * name has no address of that kind. Undefined in recordings of an earlier Sentra.
   */
  readonly answered?: number | undefined;
}

/** A name that was asked, over a longer time. Untrusted text. */
export interface SeenName {
  readonly name: string;
  /** Questions, those that led nowhere included. */
  readonly asked: number;
  /** Questions that a name server answered without an error. */
  readonly answered: number;
  /** Questions that the guard refused, and those that it held until a person would answer. */
  readonly refused: number;
  readonly held: number;
  readonly firstSeenAt: Moment;
  readonly lastSeenAt: Moment;
}

/** One attempt to get out, made to see whether the wall holds. */
export interface EgressProbe {
  /** For example `TCP to 192.0.2.1:443 as uid 65534`. */
  readonly what: string;
  readonly outcome:
    /** Refused, and the wall's own counter moved for it; or let through, for what is allowed. */
    | 'as-it-should'
    /** It got out. */
    | 'wrong'
    /** It failed for another reason than the wall; nothing is proved. */
    | 'not-proved'
    /** There is no such way here, for example no IPv6, so that it is neither open nor shut. */
    | 'not-tried';
  readonly detail: string;
}

/** While it lasts no watched container reaches anything, whatever its list says. */
export interface EgressLockdown {
  readonly since: Moment;
  /** Who began it. */
  readonly by: string;
}
