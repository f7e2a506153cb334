import { classKey } from '../list/traffic-class.ts';
import { mostSeen } from './wall-numbers.ts';
import type { NameClass, RangeGroup, WallPlan } from './wall-plan.ts';

/** An address that an allowed name led to, learned before the wall was put up anew. */
export interface KnownAddress {
  /** As the kernel's set is called: see `keptSet`. */
  readonly set: string;
  readonly address: string;
  /** For so long it stays; above zero. */
  readonly seconds: number;
}

/**
 * The set that the addresses of allowed names of a class are in; names that may lead to private
 * addresses have others than those that may not.
 */
export function nameSet(family: 4 | 6, { local, ...traffic }: NameClass): string {
  return `n${family}_${local ? '' : 'public_'}${classKey(traffic)}`;
}

/**
 * The set of those addresses to which a flow began while they were in the set of names. The kernel does
 * not renew what is added to a set where it is already, so that an answer shortly before an address's time is
 * over renews nothing; a flow that begins by it renews its place here. So an address is there for
 * at least one time to live after each answer that was made use of, and for two at most.
 */
export function keptSet(family: 4 | 6, traffic: NameClass): string {
  return `k${nameSet(family, traffic).slice(1)}`;
}

/** A destination in a set of counts: its address, protocol and port. */
export const sentKey = 'daddr . meta l4proto . th dport';
/** The same of what comes back. */
export const receivedKey = 'saddr . meta l4proto . th sport';

/** Sets and counters of every wall; of one that refuses, those of what it refused besides. */
export function countingSets(kind: 'observe' | 'enforce'): string[] {
  const lines: string[] = [];
  const refused = kind === 'enforce' ? ['refused'] : [];
  for (const family of [4, 6] as const) {
    const key = `type ipv${family}_addr . inet_proto`;
    const dynamic = `size ${mostSeen}; flags dynamic,timeout; timeout 5m; counter;`;
    for (const name of ['sent', 'received', ...refused]) {
      lines.push(`set ${name}${family} { ${key} . inet_service; ${dynamic} }`);
    }
    for (const name of ['sent', ...refused]) {
      lines.push(`set ${name}other${family} { ${key}; ${dynamic} }`);
    }
  }
  const counters = ['total', 'unlisted', 'replies', 'refusals', 'passed'];
  return [...lines, ...counters.map((name) => `counter ${name} { }`)];
}

/** Counts by destination; when the set is full, what is not in it is counted as unlisted. */
export function count(set: string): string[] {
  return ([4, 6] as const).flatMap((family) => {
    const ip = family === 4 ? 'ip' : 'ip6';
    return [
      `meta l4proto { tcp, udp } update @${set}${family} { ${ip} ${sentKey} counter }`,
      `meta l4proto != { tcp, udp } update @${set}other${family} { ${ip} daddr . meta l4proto counter }`,
    ];
  });
}

/** What found no place among the counts. */
export const unlisted = (['ip', 'ip6'] as const).map(
  (ip, index) =>
    `meta l4proto { tcp, udp } ${ip} ${sentKey} != @sent${index === 0 ? 4 : 6} counter name unlisted`,
);

/** The set that the ranges of a group are in. */
export function rangeSet({ verdict, family, protocol, port }: RangeGroup): string {
  return `${verdict === 'allow' ? 'a' : 'd'}${family}_${classKey({ protocol, port })}`;
}

function elements(items: readonly string[]): string {
  return items.length === 0 ? '' : ` elements = { ${items.join(', ')} }`;
}

/** Sets of a wall that decides. */
export function decidingSets(plan: WallPlan, known: readonly KnownAddress[]): string[] {
  const lines = plan.ranges.map(
    (group) =>
      `set ${rangeSet(group)} { type ipv${group.family}_addr; flags interval; auto-merge;${elements(group.ranges)} }`,
  );
  for (const family of [4, 6] as const) {
    for (const each of plan.nameClasses) {
      const shape = `type ipv${family}_addr; size 65535; flags dynamic,timeout; timeout ${plan.ttlSeconds}s;`;
      const name = keptSet(family, each);
      // The kernel refuses one element twice in one transaction.
      const elementsOf = new Map(
        known
          .filter(({ set }) => set === name)
          .map(({ address, seconds }) => [address, `${address} timeout ${seconds}s`]),
      );
      lines.push(`set ${nameSet(family, each)} { ${shape} }`);
      lines.push(`set ${name} { ${shape}${elements([...elementsOf.values()])} }`);
    }
    const servers = plan.upstream.filter((each) => each.includes(':') === (family === 6));
    lines.push(`set up${family} { type ipv${family}_addr;${elements(servers)} }`);
  }
  if (plan.asks) lines.push(...holdingSets);
  return lines;
}

/** Where placeholders lead whose name was allowed since, and what was answered with a refusal. */
const holdingSets = [
  'map held4 { type ipv4_addr : ipv4_addr; size 4096; flags timeout; timeout 1h; }',
  'set turned4 { type ipv4_addr . inet_proto . inet_service; size 4096; flags timeout; timeout 1m; }',
  'counter held { }',
  'counter unasked { }',
];
