import type { SeenDestination, WrittenEgressRule } from '../../model/egress.ts';
import { addressValue, isGroup, isPrivate, isSpecial } from '../list/address.ts';
import { decideBy } from '../list/decide.ts';
import { normaliseName } from '../list/host-name.ts';
import { bytesOf } from './preview.ts';
import { subjectKey, type EgressRule } from '../list/rule.ts';

/** A rule that would cover what was seen, and why it is proposed: a sentence. */
export interface Proposal {
  readonly rule: WrittenEgressRule;
  readonly ground: string;
  readonly looks: number;
  readonly bytes: number;
}

/** What can be learned from what was seen. */
export interface Lesson {
  readonly proposals: readonly Proposal[];
  readonly leftOut: readonly string[];
}

const mostProposals = 200;
const mostLeftOut = 50;

interface Group {
  readonly rule: WrittenEgressRule;
  readonly addresses: Set<string>;
  readonly isNamed: boolean;
  looks: number;
  bytes: number;
  refused: number;
}

/**
 * The fewest rules that cover everything that was seen and that `rules` do not allow, and nothing
 * else: one for each name (or for each address that no name led to) and port. A wildcard or a range
 * would let through what was never seen, so none is proposed.
 */
export function learnRules(rules: readonly EgressRule[], seen: readonly SeenDestination[]): Lesson {
  const decide = decideBy(rules);
  const groups = new Map<string, Group>();
  const leftOut = new Map<string, number>();
  const leave = (why: string): void => void leftOut.set(why, (leftOut.get(why) ?? 0) + 1);
  for (const each of seen) {
    if (each.sentPackets === 0) continue;
    const decision = decide(each);
    if (decision.verdict === 'allow') continue;
    if (decision.rules.length > 0) {
      leave('Denied by a rule of the list, which stands.');
      continue;
    }
    const proposed = ruleFor(each);
    if (typeof proposed === 'string') leave(proposed);
    else note(groups, proposed, each);
  }
  const sorted = [...groups.values()].sort((one, other) => other.looks - one.looks);
  const beyond = sorted.length - mostProposals;
  if (beyond > 0) leftOut.set(`Beyond the ${mostProposals} most used.`, beyond);
  return {
    proposals: sorted.slice(0, mostProposals).map(proposalOf),
    leftOut: [...leftOut]
      .slice(0, mostLeftOut)
      .map(([why, count]) => `${count} ${count === 1 ? 'destination' : 'destinations'}: ${why}`),
  };
}

/** The rule that covers the destination alone, or why there is none. */
function ruleFor({ address, name, protocol, port }: SeenDestination): WrittenEgressRule | string {
  const value = addressValue(address);
  if (value === undefined) return 'Not an address that a rule can name.';
  if (protocol !== 'tcp' && protocol !== 'udp') {
    return 'Neither TCP nor UDP: a rule would have to allow every kind of traffic.';
  }
  if (isGroup(value)) return 'The address of a group, to which nothing gets out.';
  if (isSpecial(value)) {
    return 'The machine itself, the link or metadata: allow it by hand where it is meant.';
  }
  const named = name === undefined ? undefined : normaliseName(name);
  if (name !== undefined && named?.ok !== true) return 'Its name is none that a rule could hold.';
  const target = named?.ok === true ? named.value : address;
  const local = named?.ok === true && isPrivate(value);
  return {
    verdict: 'allow',
    target,
    protocol,
    ...(port === undefined ? {} : { port }),
    ...(local ? { local } : {}),
  };
}

function note(groups: Map<string, Group>, rule: WrittenEgressRule, seen: SeenDestination): void {
  const key = subjectKey(rule);
  const known = groups.get(key);
  const group = known ?? {
    rule,
    addresses: new Set<string>(),
    isNamed: rule.target !== seen.address,
    looks: 0,
    bytes: 0,
    refused: 0,
  };
  // One private address among those of the name is enough for it to need `local`.
  if (known !== undefined && rule.local === true) groups.set(key, { ...known, rule });
  else groups.set(key, group);
  const kept = groups.get(key) ?? group;
  kept.addresses.add(seen.address);
  kept.looks += seen.looks;
  kept.bytes += bytesOf(seen);
  kept.refused += seen.refusedPackets;
}

function proposalOf({ rule, addresses, isNamed, looks, bytes, refused }: Group): Proposal {
  const often = `Seen at ${looks} ${looks === 1 ? 'look' : 'looks'}`;
  const tried =
    refused > 0 ? `, ${refused} ${refused === 1 ? 'packet' : 'packets'} of it refused` : '';
  const how = isNamed
    ? `a DNS answer to the container tied the name to ${addresses.size} ${addresses.size === 1 ? 'address' : 'addresses'}`
    : 'no DNS answer led there, so it is proposed by address, which may be somebody else’s tomorrow';
  return { rule, ground: `${often}${tried}; ${how}.`, looks, bytes };
}
