import type { SeenName, SeenDestination, WrittenEgressRule } from '../../model/egress.ts';
import { addressValue, isGroup, isPrivate, isSpecial } from '../list/address.ts';
import { decideBy } from '../list/decide.ts';
import { normaliseName } from '../list/host-name.ts';
import { bytesOf } from './preview.ts';
import { subjectKey, type EgressRule } from '../list/rule.ts';
import { isNobodys } from '../resolver/resolver-config.ts';
import { rulesAboutName } from '../wall/name-plan.ts';

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
 * else: one for each name (or for each address that no name led to) and port, and one for each of the
 * `names` that were refused, so that nobody knows what for. A wildcard or a range would let through
 * what was never seen, so none is proposed.
 */
export function learnRules(
  rules: readonly EgressRule[],
  seen: readonly SeenDestination[],
  names: readonly SeenName[],
): Lesson {
  const decide = decideBy(rules);
  const groups = new Map<string, Group>();
  const leftOut = createLeftOut();
  const leave = (why: string): void => leftOut.add('destination', why);
  for (const each of seen) {
    if (each.sentPackets === 0) continue;
    const decision = decide(each);
    if (decision.verdict === 'allow') continue;
    if (decision.rules.length > 0) {
      leave(whyDenied);
      continue;
    }
    const proposed = ruleFor(each);
    if (typeof proposed === 'string') leave(proposed);
    else note(groups, proposed, each);
  }
  const covered = new Set([...groups.values()].map(({ rule }) => rule.target));
  const asked = proposeNames(rules, names, covered, (why) => leftOut.add('name', why));
  const sorted = [...groups.values()].map(proposalOf).concat(asked);
  sorted.sort((one, other) => other.looks - one.looks);
  const beyond = sorted.length - mostProposals;
  if (beyond > 0) leftOut.add('proposal', `Beyond the ${mostProposals} most used.`, beyond);
  return { proposals: sorted.slice(0, mostProposals), leftOut: leftOut.sentences() };
}

const whyDenied = 'Denied by a rule of the list, which stands.';

/** One for each name that was refused and that no rule decides about, nor another proposal covers. */
function proposeNames(
  rules: readonly EgressRule[],
  names: readonly SeenName[],
  covered: ReadonlySet<string>,
  leave: (why: string) => void,
): readonly Proposal[] {
  const about = rulesAboutName(rules);
  return names.flatMap(({ name, refused, held }) => {
    const deciding = about(name);
    if (covered.has(name) || deciding.some(({ verdict }) => verdict === 'allow')) return [];
    const isDenied = deciding.length > 0;
    const isNone = !normaliseName(name).ok;
    if (isDenied || isNone || isNobodys(name)) {
      leave(isDenied ? whyDenied : isNone ? whyNoName : 'Such names are nobody’s.');
      return [];
    }
    const looks = refused + held;
    const ground = `Asked for ${looks} ${looks === 1 ? 'time' : 'times'} and not let through, so that nobody knows to which port it would have talked.`;
    return [
      { rule: { verdict: 'allow', target: name, ...localOf(name) }, ground, looks, bytes: 0 },
    ];
  });
}

const whyNoName = 'Its name is none that a rule could hold.';

/** Names of other containers lead to private addresses; they have no dot. */
function localOf(name: string): { readonly local?: true } {
  return name.includes('.') ? {} : { local: true };
}

/** Counts what no rule is proposed for, by what it is and why. */
function createLeftOut(): {
  add(what: string, why: string, count?: number): void;
  sentences(): readonly string[];
} {
  const counts = new Map<string, { what: string; why: string; count: number }>();
  return {
    add(what, why, count = 1) {
      const key = `${what} ${why}`;
      const before = counts.get(key)?.count ?? 0;
      counts.set(key, { what, why, count: before + count });
    },
    sentences: () =>
      [...counts.values()]
        .slice(0, mostLeftOut)
        .map(({ what, why, count }) => `${count} ${count === 1 ? what : `${what}s`}: ${why}`),
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
  if (name !== undefined && named?.ok !== true) return whyNoName;
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
