/** The protocols that have ports and that a rule can be narrowed to. */
export const protocols = ['tcp', 'udp'] as const;

export type Protocol = (typeof protocols)[number];

/**
 * Which traffic to an address is meant. Without a protocol and a port it is every packet; with a
 * port alone it is TCP and UDP.
 */
export interface TrafficClass {
  readonly protocol: Protocol | undefined;
  /** 1 to 65535. */
  readonly port: number | undefined;
}

/** How the class stands in the names of kernel sets: `tcp_443`, `any_any`. */
export function classKey({ protocol, port }: TrafficClass): string {
  return `${protocol ?? 'any'}_${port ?? 'any'}`;
}

/** The class as nftables matches it, with a space behind; empty for every packet. */
export function classMatch({ protocol, port }: TrafficClass): string {
  if (port === undefined) return protocol === undefined ? '' : `meta l4proto ${protocol} `;
  if (protocol === undefined) return `meta l4proto { tcp, udp } th dport ${port} `;
  return `${protocol} dport ${port} `;
}

/** Each class once, in the order of their keys. */
export function distinctClasses(classes: readonly TrafficClass[]): readonly TrafficClass[] {
  const byKey = new Map(classes.map((each) => [classKey(each), each]));
  return [...byKey.keys()].sort().flatMap((key) => byKey.get(key) ?? []);
}
