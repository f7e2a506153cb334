import { classKey, classMatch } from './traffic-class.ts';
import type { RangeGroup, WallPlan } from './wall-plan.ts';

/** The name of every table that Sentra makes, in every family. */
export const tableName = 'sentra';

/** Where the resolver listens in the container's network namespace, on its loopback addresses. */
export const resolverPort = 15_353;

/** Where names that nobody has decided about are answered, on the same loopback address. */
export const answerPort = 15_354;

/** The group of the kernel's log that held packets go to. */
const logGroup = 15_353;

/** Placeholders for undecided names are of this range: see kernel/placeholders.h. */
export const placeholderRange = '240.0.0.0/8';

/** For documentation (RFC 5737): proofs try them, and nobody is to be asked about a proof. */
const exampleRanges = '192.0.2.0/24, 198.51.100.0/24, 203.0.113.0/24';

/** How many destinations are counted one by one; more are counted together. */
export const mostSeen = 4096;

/** Addresses that an allowed name leads to for so long after it was asked; seconds. */
export const nameSeconds = 3600;

/** An address that an allowed name led to, learned before the wall was put up anew. */
export interface KnownAddress {
  /** As the kernel's set is called: see `nameSet`. */
  readonly set: string;
  readonly address: string;
  /** For so long it stays; above zero. */
  readonly seconds: number;
}

/** What a wall is put up around. */
export interface WallSite {
  /** Interfaces that lead out, as the kernel names them. */
  readonly devices: readonly string[];
  /** The resolver's cgroup as nftables finds it below /sys/fs/cgroup, and its depth. */
  readonly cgroup: { readonly path: string; readonly level: number };
  /** What marks packets that have passed, for the second wall; any number but 0, known to nobody. */
  readonly mark: number;
  readonly known: readonly KnownAddress[];
}

/** The flow was opened from outside, by a TCP handshake that the wall saw. */
const inboundMark = 0x5300_0001;

/** The set that the addresses of allowed names of a class are in. */
export function nameSet(family: 4 | 6, key: string): string {
  return `n${family}_${key}`;
}

function hexadecimal(value: number): string {
  return `0x${(value >>> 0).toString(16).padStart(8, '0')}`;
}

/** Marks flows that these very rules have allowed, so that they outlive the address's time-out. */
export function flowMark({ fingerprint }: WallPlan): number {
  return (0x5400_0000 | Number.parseInt(fingerprint.slice(0, 6), 16)) >>> 0;
}

/**
 * The wall as input for `nft -f`: one transaction, so that it replaces an older one without a gap.
 * Every text in it comes from a closed set of spellings: numbers, addresses and names of interfaces
 * that were checked before, and names that are made here.
 */
export function compileRuleset(plan: WallPlan, site: WallSite): string {
  const lines = ['add table inet sentra', 'delete table inet sentra', 'table inet sentra {'];
  lines.push(...countingSets(), ...inboundChain());
  if (plan.mode === 'observe') lines.push(...observingChain());
  else lines.push(...decidingSets(plan, site), ...decidingChains(plan, site));
  lines.push('}', 'add table netdev sentra', 'delete table netdev sentra');
  if (plan.mode === 'enforce') lines.push(...frameWall(site));
  return `${lines.join('\n')}\n`;
}

/** Takes both tables away. */
export const removalRuleset = `${['inet', 'netdev']
  .flatMap((family) => [`add table ${family} sentra`, `delete table ${family} sentra`])
  .join('\n')}\n`;

const sentKey = 'daddr . meta l4proto . th dport';
const receivedKey = 'saddr . meta l4proto . th sport';

function countingSets(): string[] {
  const lines: string[] = [];
  for (const family of [4, 6] as const) {
    const kind = `type ipv${family}_addr . inet_proto`;
    const dynamic = `size ${mostSeen}; flags dynamic,timeout; timeout 5m; counter;`;
    for (const name of ['sent', 'received', 'refused']) {
      lines.push(`set ${name}${family} { ${kind} . inet_service; ${dynamic} }`);
    }
    for (const name of ['sentother', 'refusedother']) {
      lines.push(`set ${name}${family} { ${kind}; ${dynamic} }`);
    }
  }
  const counters = ['total', 'unlisted', 'replies', 'refusals', 'passed'];
  return [...lines, ...counters.map((name) => `counter ${name} { }`)];
}

/** Counts by destination; when the set is full, what is not in it is counted as unlisted. */
function count(set: string): string[] {
  return ([4, 6] as const).flatMap((family) => {
    const ip = family === 4 ? 'ip' : 'ip6';
    return [
      `meta l4proto { tcp, udp } update @${set}${family} { ${ip} ${sentKey} counter }`,
      `meta l4proto != { tcp, udp } update @${set}other${family} { ${ip} daddr . meta l4proto counter }`,
    ];
  });
}

const unlisted = (['ip', 'ip6'] as const).map(
  (ip, index) =>
    `meta l4proto { tcp, udp } ${ip} ${sentKey} != @sent${index === 0 ? 4 : 6} counter name unlisted`,
);

function inboundChain(): string[] {
  return [
    'chain inbound {',
    'type filter hook input priority 10; policy accept;',
    `ct state new tcp flags & (syn | ack) == syn iifname != "lo" ct mark set ${hexadecimal(inboundMark)}`,
    `iifname != "lo" ct direction reply meta l4proto { tcp, udp } update @received4 { ip ${receivedKey} counter }`,
    `iifname != "lo" ct direction reply meta l4proto { tcp, udp } update @received6 { ip6 ${receivedKey} counter }`,
    '}',
  ];
}

function observingChain(): string[] {
  return [
    'chain outbound {',
    'type filter hook output priority 10; policy accept;',
    'oifname "lo" accept',
    'counter name total',
    'ct direction reply counter name replies accept',
    ...count('sent'),
    ...unlisted,
    '}',
  ];
}

function rangeSet({ verdict, family, protocol, port }: RangeGroup): string {
  return `${verdict === 'allow' ? 'a' : 'd'}${family}_${classKey({ protocol, port })}`;
}

function elements(items: readonly string[]): string {
  return items.length === 0 ? '' : ` elements = { ${items.join(', ')} }`;
}

function decidingSets(plan: WallPlan, site: WallSite): string[] {
  const lines = plan.ranges.map(
    (group) =>
      `set ${rangeSet(group)} { type ipv${group.family}_addr; flags interval; auto-merge;${elements(group.ranges)} }`,
  );
  for (const family of [4, 6] as const) {
    for (const each of plan.nameClasses) {
      const name = nameSet(family, classKey(each));
      // The kernel refuses one element twice in one transaction.
      const known = new Map(
        site.known
          .filter(({ set }) => set === name)
          .map(({ address, seconds }) => [address, `${address} timeout ${seconds}s`]),
      );
      lines.push(
        `set ${name} { type ipv${family}_addr; size 65535; flags dynamic,timeout; timeout ${nameSeconds}s;${elements([...known.values()])} }`,
      );
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
];

const logged = `limit rate 50/second burst 100 packets log group ${logGroup} snaplen 1500`;

/**
 * What begins a TCP connection that no rule decides about is dropped and logged whole, so that it can
 * be sent again. Who begins more than fifty a second has to try again: TCP does so by itself. A program
 * that sends a datagram that is dropped is told at once, so nothing is won by holding one: it is asked
 * about, and refused meanwhile.
 */
const holdingChains = [
  'chain hold {',
  'ip daddr . meta l4proto . th dport @turned4 goto refuse',
  `ip daddr { ${exampleRanges} } goto refuse`,
  'ip version 4 tcp flags & (fin | syn | rst | ack) == syn goto keep',
  `ip version 4 meta l4proto udp ${logged}`,
  'goto refuse',
  '}',
  'chain keep {',
  'counter name held',
  logged,
  'drop',
  '}',
];

function decidingChains(plan: WallPlan, site: WallSite): string[] {
  const resolver = `socket cgroupv2 level ${site.cgroup.level} "${site.cgroup.path}"`;
  const through = `meta mark set ${hexadecimal(site.mark)}`;
  const ranges = (verdict: RangeGroup['verdict'], chain: string): string[] =>
    plan.ranges
      .filter((group) => group.verdict === verdict)
      .map(
        (group) =>
          `${classMatch(group)}${group.family === 4 ? 'ip' : 'ip6'} daddr @${rangeSet(group)} goto ${chain}`,
      );
  const flowOfRules = hexadecimal(flowMark(plan));
  return [
    'chain names {',
    // Before Docker's own redirection of 127.0.0.11 at -100.
    'type nat hook output priority -110; policy accept;',
    `${resolver} return`,
    `meta l4proto { tcp, udp } th dport 53 redirect to :${resolverPort}`,
    ...(plan.asks ? [`ip daddr ${placeholderRange} dnat ip to ip daddr map @held4`] : []),
    '}',
    'chain outbound {',
    'type filter hook output priority 10; policy drop;',
    // Docker's resolver would ask on behalf of anybody, from where no rule of ours applies.
    `ip daddr 127.0.0.11 ${resolver} accept`,
    'ip daddr 127.0.0.11 counter name total goto refuse',
    'oifname "lo" accept',
    // What was redirected still has its old interface here.
    `ip daddr 127.0.0.1 meta l4proto { tcp, udp } th dport ${resolverPort} accept`,
    `ip6 daddr ::1 meta l4proto { tcp, udp } th dport ${resolverPort} accept`,
    'counter name total',
    `ct direction reply ct mark ${hexadecimal(inboundMark)} counter name replies ${through} accept`,
    `ip6 daddr { fe80::/10, ff02::/16 } ip6 hoplimit 255 icmpv6 type { nd-router-solicit, nd-neighbor-solicit, nd-neighbor-advert } ${through} accept`,
    `ip6 daddr ff02::16 icmpv6 type mld2-listener-report ${through} accept`,
    `${resolver} goto resolver`,
    ...(plan.asks ? [`ip daddr ${placeholderRange} goto hold`] : []),
    ...count('sent'),
    ...unlisted,
    'ct state invalid goto refuse',
    ...ranges('deny', 'refuse'),
    `ct mark ${flowOfRules} goto pass`,
    ...ranges('allow', 'pass'),
    // Instances' metadata and all else on the link: by an address rule only, never by a name.
    'ip daddr { 0.0.0.0/8, 127.0.0.0/8, 169.254.0.0/16, 224.0.0.0/4, 255.255.255.255 } goto refuse',
    'ip6 daddr { fe80::/10, ff00::/8, fd00:ec2::/32 } goto refuse',
    ...([4, 6] as const).flatMap((family) =>
      plan.nameClasses.map(
        (each) =>
          `${classMatch(each)}${family === 4 ? 'ip' : 'ip6'} daddr @${nameSet(family, classKey(each))} goto pass`,
      ),
    ),
    plan.asks ? 'goto hold' : 'goto refuse',
    '}',
    ...(plan.asks ? holdingChains : []),
    'chain resolver {',
    `meta l4proto { tcp, udp } th dport 53 ip daddr @up4 ${through} accept`,
    `meta l4proto { tcp, udp } th dport 53 ip6 daddr @up6 ${through} accept`,
    '}',
    'chain pass {',
    `ct mark set ${flowOfRules} ${through} counter name passed accept`,
    '}',
    'chain refuse {',
    'counter name refusals',
    ...count('refused'),
    'tcp flags & (fin | syn | rst | ack) == syn reject with icmpx admin-prohibited',
    'meta l4proto tcp reject with tcp reset',
    'reject with icmpx admin-prohibited',
    '}',
  ];
}

/**
 * The second wall, for frames that no output hook sees. It knows what has passed by a mark that is
 * made anew with each wall and wiped here, before anybody can look at the packet; who guesses is
 * locked out for a minute after two thousand wrong frames, and then after a hundred more a minute. So
 * many because a container that is held back at its start has a queue that waits for its neighbour.
 */
function frameWall({ devices, mark }: WallSite): string[] {
  if (devices.length === 0) return [];
  return [
    'table netdev sentra {',
    'counter frames { }',
    'set locked { type ether_type; size 16; flags dynamic,timeout; timeout 1m; }',
    'chain frames {',
    `type filter hook egress devices = { ${devices.map((name) => `"${name}"`).join(', ')} } priority 0; policy drop;`,
    // By the frame's own header: the kernel's idea of the protocol is the sender's to choose.
    'ether type arp meta length <= 60 accept',
    'ether type @locked counter name frames drop',
    `ether type { ip, ip6 } meta mark ${hexadecimal(mark)} meta mark set 0 accept`,
    'counter name frames',
    'limit rate over 100/minute burst 2000 packets add @locked { ether type timeout 1m } drop',
    '}',
    '}',
  ];
}
