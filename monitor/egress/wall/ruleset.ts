import {
  logGroup,
  placeholderRange,
  refusalAddress,
  refusalPort,
  resolverPort,
} from './wall-numbers.ts';
import { groupRanges } from '../list/address.ts';
import type { WallPlan } from './wall-plan.ts';
import { decisions, flowMark, hexadecimal, redirectingChains } from './wall-decisions.ts';
import {
  count,
  countingSets,
  decidingSets,
  receivedKey,
  unlisted,
  type KnownAddress,
} from './wall-sets.ts';

/** For documentation (RFC 5737): proofs try them, and nobody is to be asked about a proof. */
const exampleRanges = '192.0.2.0/24, 198.51.100.0/24, 203.0.113.0/24';
/** The same of IPv6 (RFC 3849). */
const exampleRange6 = '2001:db8::/32';

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

/** How neighbours find each other over IPv6. */
const discovery =
  'ip6 hoplimit 255 icmpv6 type { nd-router-solicit, nd-neighbor-solicit, nd-neighbor-advert }';
/** What goes to a group of neighbours all the same. */
const toGroups = [
  `ip6 daddr ff02::/16 ${discovery}`,
  'ip6 daddr ff02::16 icmpv6 type mld2-listener-report',
];

/**
 * The wall as input for `nft -f`: one transaction, so that it replaces an older one without a gap.
 * Every text in it comes from a closed set of spellings: numbers, addresses and names of interfaces
 * that were checked before, and names that are made here.
 */
export function compileRuleset(plan: WallPlan, site: WallSite): string {
  return replacing(
    [...countingSets('enforce'), ...decidingSets(plan, site.known), ...decidingChains(plan, site)],
    frameWall(site),
  );
}

/** `inner` stands in the table of one wall, `outer` is the whole of the other. */
function replacing(inner: readonly string[], outer: readonly string[]): string {
  const lines = ['add table inet sentra', 'delete table inet sentra', 'table inet sentra {'];
  lines.push(...inner);
  lines.push('}', 'add table netdev sentra', 'delete table netdev sentra', ...outer);
  return `${lines.join('\n')}\n`;
}

/** Takes both tables away. */
export const removalRuleset = `${['inet', 'netdev']
  .flatMap((family) => [`add table ${family} sentra`, `delete table ${family} sentra`])
  .join('\n')}\n`;

function inboundChain(first: readonly string[]): string[] {
  return [
    'chain inbound {',
    'type filter hook input priority 10; policy accept;',
    ...first,
    `iifname != "lo" ct direction reply meta l4proto { tcp, udp } update @received4 { ip ${receivedKey} counter }`,
    `iifname != "lo" ct direction reply meta l4proto { tcp, udp } update @received6 { ip6 ${receivedKey} counter }`,
    '}',
  ];
}

/**
 * What only counts, as input for `nft -f`, in place of an older wall: it refuses nothing, and leaves no
 * mark on packets or flows by which the container's own rules might go.
 */
export const observingRuleset = replacing(
  [
    ...countingSets('observe'),
    ...inboundChain([]),
    'chain outbound {',
    'type filter hook output priority 10; policy accept;',
    'oifname "lo" accept',
    'counter name total',
    'ct direction reply counter name replies accept',
    ...count('sent'),
    ...unlisted,
    '}',
  ],
  [],
);

/**
 * Who may open packet sockets reads the resolver's own questions off the wire, and could answer them
 * over the loopback before a name server does. No name server answers from there but Docker's, in flows
 * that the resolver has begun: one that was begun towards it makes whoever waits there the name server.
 */
function answersChain(resolver: string): string[] {
  const forged = `${resolver} counter name total counter name refusals drop`;
  return [
    'chain answers {',
    `ip saddr @up4 ${forged}`,
    `ip6 saddr @up6 ${forged}`,
    `ip saddr 127.0.0.11 ct direction != reply ${forged}`,
    '}',
  ];
}

/**
 * That nobody listens where questions for names are turned to, as for the moment in which one resolver
 * follows another. Whoever is told so takes the name for unknown; whoever is told nothing asks once more.
 */
const unheard = ['icmp', 'icmpv6'].map(
  (each) => `oifname "lo" ${each} type destination-unreachable ct original proto-dst 53 drop`,
);

const logged = `log group ${logGroup} snaplen 1500`;

/** What is beyond it is not asked about, and is counted, so that the badge can say so. */
const tooMany = 'limit rate over 50/second burst 100 packets counter name unasked';

/**
 * What begins a TCP connection that no rule decides about is dropped and logged whole, so that it can
 * be sent again. Who begins more than fifty a second has to try again: TCP does so by itself. A program
 * that sends a datagram that is dropped is told at once, so nothing is won by holding one: it is asked
 * about, and refused meanwhile; and so is what goes to an address of IPv6. Each has a limit of its own,
 * so that none silences the others.
 */
const holdingChains = [
  'chain hold {',
  'ip daddr . meta l4proto . th dport @turned4 goto refuse',
  `ip daddr { ${exampleRanges} } goto refuse`,
  `ip6 daddr ${exampleRange6} goto refuse`,
  'ip version 4 tcp flags & (fin | syn | rst | ack) == syn goto keep',
  'ip version 4 meta l4proto udp goto tell',
  'ip6 version 6 tcp flags & (fin | syn | rst | ack) == syn goto tell6',
  'ip6 version 6 meta l4proto udp goto tell6',
  'goto refuse',
  '}',
  'chain keep {',
  'counter name held',
  `${tooMany} drop`,
  logged,
  'drop',
  '}',
  ...['tell', 'tell6'].flatMap((name) => [
    `chain ${name} {`,
    `${tooMany} goto refuse`,
    logged,
    'goto refuse',
    '}',
  ]),
];

/**
 * Only who writes its own headers sends fragments to here: the kernel cuts what is too long after all
 * hooks. They would be put together before anything is decided about them, and what lacks a part would
 * be gone without having been counted.
 */
const fragmentsChain = [
  'counter fragments { }',
  'chain fragments {',
  'type filter hook output priority -450; policy accept;',
  ...['ip frag-off & 0x3fff != 0', 'exthdr frag exists'].map(
    (each) => `${each} counter name total counter name refusals counter name fragments drop`,
  ),
  '}',
];

function decidingChains(plan: WallPlan, site: WallSite): string[] {
  const resolver = `socket cgroupv2 level ${site.cgroup.level} "${site.cgroup.path}"`;
  const through = `meta mark set ${hexadecimal(site.mark)}`;
  return [
    ...answersChain(resolver),
    ...inboundChain([
      'iifname "lo" meta l4proto { tcp, udp } th sport 53 goto answers',
      `ct state new tcp flags & (syn | ack) == syn iifname != "lo" ct mark set ${hexadecimal(inboundMark)}`,
    ]),
    ...fragmentsChain,
    ...redirectingChains(plan, resolver),
    'chain outbound {',
    'type filter hook output priority 10; policy drop;',
    // Docker's resolver would ask on behalf of anybody, from where no rule of ours applies.
    `ip daddr 127.0.0.11 ${resolver} accept`,
    'ip daddr 127.0.0.11 counter name total goto refuse',
    ...unheard,
    'oifname "lo" accept',
    // What was redirected still has its old interface here.
    `ip daddr 127.0.0.1 meta l4proto { tcp, udp } th dport ${resolverPort} accept`,
    `ip6 daddr ::1 meta l4proto { tcp, udp } th dport ${resolverPort} accept`,
    // It was counted where it was turned.
    `ip daddr 127.0.0.1 tcp dport ${refusalPort} accept`,
    `ip6 daddr ::1 tcp dport ${refusalPort} accept`,
    'counter name total',
    `ct direction reply ct mark ${hexadecimal(inboundMark)} counter name replies ${through} accept`,
    `ip6 daddr fe80::/10 ${discovery} ${through} accept`,
    ...toGroups.map((each) => `${each} accept`),
    `${resolver} goto resolver`,
    `ip daddr ${refusalAddress} counter name refusals goto turnback`,
    ...(plan.asks ? [`ip daddr ${placeholderRange} goto hold`] : []),
    ...count('sent'),
    ...unlisted,
    'ct state invalid goto refuse',
    // The kernel gives a copy of it back to the sender, who would read the second wall's mark off it.
    ...[
      `ip daddr ${groupRanges[4]}`,
      `ip6 daddr ${groupRanges[6]}`,
      'fib daddr type broadcast',
    ].map((group) => `${group} goto refuse`),
    ...decisions(plan, { refuse: 'goto refuse', pass: 'goto pass' }),
    plan.asks ? 'goto hold' : 'goto refuse',
    '}',
    ...(plan.asks ? holdingChains : []),
    'chain resolver {',
    `meta l4proto { tcp, udp } th dport 53 ip daddr @up4 ${through} accept`,
    `meta l4proto { tcp, udp } th dport 53 ip6 daddr @up6 ${through} accept`,
    '}',
    'chain pass {',
    `ct mark set ${flowMark(plan)} ${through} counter name passed accept`,
    '}',
    'chain refuse {',
    'counter name refusals',
    ...count('refused'),
    'goto turnback',
    '}',
    'chain turnback {',
    'tcp flags & (fin | syn | rst | ack) == syn reject with icmpx admin-prohibited',
    'meta l4proto tcp reject with tcp reset',
    'reject with icmpx admin-prohibited',
    '}',
  ];
}

/**
 * The second wall, for frames that no output hook sees. It knows what has passed by a mark that is
 * made anew with each wall and wiped here, before anybody can look at the packet: nothing bears it of
 * which the kernel hands a copy back before, as it does of what goes to a group. Who guesses is
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
    // It bears no mark, since it comes back to its sender.
    ...toGroups.map((each) => `ether type ip6 ${each} accept`),
    'ether type @locked counter name frames drop',
    `ether type { ip, ip6 } meta mark ${hexadecimal(mark)} meta mark set 0 accept`,
    'counter name frames',
    'limit rate over 100/minute burst 2000 packets add @locked { ether type timeout 1m } drop',
    '}',
    '}',
  ];
}
