import { specialRanges } from '../list/address.ts';
import { classMatch } from '../list/traffic-class.ts';
import { placeholderRange, refusalAddress, refusalPort, resolverPort } from './wall-numbers.ts';
import type { RangeGroup, WallPlan } from './wall-plan.ts';
import { count, keptSet, nameSet, rangeSet } from './wall-sets.ts';

/** A number as nft prints marks. */
export function hexadecimal(value: number): string {
  return `0x${(value >>> 0).toString(16).padStart(8, '0')}`;
}

/** Marks flows that these very rules have allowed, so that they outlive the address's time-out. */
export function flowMark({ fingerprint }: WallPlan): string {
  return hexadecimal(0x5400_0000 | Number.parseInt(fingerprint.slice(0, 6), 16));
}

/** What is done with what a rule decides, in nft's words. */
export interface Verdicts {
  readonly refuse: string;
  readonly pass: string;
}

/** Private addresses that the resolver takes for an answer all the same, whatever a name's rule says. */
const shared = { 4: '100.64.0.0/10', 6: 'fc00::/7' } as const;

/** What the list decides by address, in the order that it decides in; all else goes on to the next line. */
export function decisions(plan: WallPlan, { refuse, pass }: Verdicts): string[] {
  const ranges = (verdict: RangeGroup['verdict'], what: string): string[] =>
    plan.ranges
      .filter((group) => group.verdict === verdict)
      .map(
        (group) =>
          `${classMatch(group)}${group.family === 4 ? 'ip' : 'ip6'} daddr @${rangeSet(group)} ${what}`,
      );
  return [
    ...ranges('deny', refuse),
    `ct mark ${flowMark(plan)} ${pass}`,
    ...ranges('allow', pass),
    `ip daddr { ${specialRanges[4].join(', ')} } ${refuse}`,
    `ip6 daddr { ${specialRanges[6].join(', ')} } ${refuse}`,
    ...([4, 6] as const).flatMap((family) => {
      const ip = family === 4 ? 'ip' : 'ip6';
      return plan.nameClasses.flatMap((each) => {
        const inside = each.local ? '' : `${ip} daddr != ${shared[family]} `;
        const to = `${classMatch(each)}${inside}${ip} daddr`;
        const [fresh, kept] = [nameSet(family, each), keptSet(family, each)];
        // Apart, since a set that is full ends the rule.
        return [
          `${to} @${fresh} update @${kept} { ${ip} daddr }`,
          `${to} @${fresh} ${pass}`,
          `${to} @${kept} ${pass}`,
        ];
      });
    }),
  ];
}

/**
 * What is turned to Sentra's own sockets on the loopback: questions for name servers; in the mode ask
 * what leads to a placeholder; and what begins a connection to port 80 that will be refused, so that
 * whoever speaks plain HTTP can be told. `resolver` matches the resolver's own traffic.
 */
export function redirectingChains(plan: WallPlan, resolver: string): string[] {
  return [
    'chain names {',
    // Before Docker's own redirection of 127.0.0.11 at -100.
    'type nat hook output priority -110; policy accept;',
    `${resolver} return`,
    `meta l4proto { tcp, udp } th dport 53 redirect to :${resolverPort}`,
    'oifname != "lo" tcp dport 80 goto plain',
    ...(plan.asks ? [`ip daddr ${placeholderRange} dnat ip to ip daddr map @held4`] : []),
    '}',
    'chain plain {',
    `ip daddr ${refusalAddress} counter name total counter name refusals meta l4proto tcp redirect to :${refusalPort}`,
    ...(plan.asks
      ? [
          'ip daddr . meta l4proto . th dport @turned4 goto explain',
          `ip daddr ${placeholderRange} dnat ip to ip daddr map @held4`,
          `ip daddr ${placeholderRange} return`,
        ]
      : []),
    ...decisions(plan, { refuse: 'goto explain', pass: 'return' }),
    ...(plan.asks ? [] : ['goto explain']),
    '}',
    'chain explain {',
    'counter name total counter name refusals',
    ...count('sent'),
    ...count('refused'),
    `meta l4proto tcp redirect to :${refusalPort}`,
    '}',
  ];
}
