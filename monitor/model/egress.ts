/** What is done about a workload's egress. `off` leaves the container's network untouched. */
export const egressModes = ['off', 'observe', 'enforce'] as const;

export type EgressMode = (typeof egressModes)[number];

/** A rule of an egress list as it is written: in the file, on the wire, on the command line. */
export interface WrittenEgressRule {
  readonly verdict: 'allow' | 'deny';
  /** `example.com`, `*.example.com`, `192.0.2.1`, `10.0.0.0/8`, `2001:db8::/32`. */
  readonly target: string;
  readonly protocol?: 'tcp' | 'udp' | undefined;
  /** 1 to 65535. */
  readonly port?: number | undefined;
  /** Whether the name may lead to private addresses. */
  readonly local?: boolean | undefined;
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

/** A name that was asked. Untrusted text. */
export interface AskedName {
  readonly name: string;
  readonly refused: boolean;
  readonly count: number;
}

/** One attempt to get out, made to see whether the wall holds. */
export interface EgressProbe {
  /** For example `TCP to 192.0.2.1:443 as uid 65534`. */
  readonly what: string;
  readonly outcome:
    /** Refused, and the wall's own counter moved for it; or let through, for what is allowed. */
    | 'as-it-should'
    /** It got out, or what is allowed did not. */
    | 'wrong'
    /** It failed for another reason than the wall; nothing is proved. */
    | 'not-proved';
  readonly detail: string;
}
