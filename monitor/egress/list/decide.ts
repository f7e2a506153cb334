import type { EgressDestination } from '../../model/egress.ts';
import { addressValue, indexRanges, isGroup, isPrivate, isSpecial } from './address.ts';
import { rulesAboutName } from '../wall/name-plan.ts';
import type { EgressRule } from './rule.ts';
import type { TrafficClass } from './traffic-class.ts';

/** Where traffic went, as far as a list decides by it. */
export type Destination = Pick<EgressDestination, 'address' | 'name' | 'protocol' | 'port'>;

/** What a list says of a destination. */
export interface EgressDecision {
  readonly verdict: 'allow' | 'deny';
  /** The rules that decided; none when it is denied because nothing allows it. */
  readonly rules: readonly EgressRule[];
}

const denied: EgressDecision = { verdict: 'deny', rules: [] };

/**
 * Decides as the wall does (see ruleset.ts): denied ranges, groups, allowed ranges, then the name that
 * led to the address. Where no name is known only the ranges can decide.
 */
export function decideBy(rules: readonly EgressRule[]): (to: Destination) => EgressDecision {
  const aboutName = rulesAboutName(rules);
  const ranges = indexRanges(
    rules.flatMap((rule) =>
      rule.target.kind === 'range' ? [{ range: rule.target.range, item: rule }] : [],
    ),
  );
  return (to) => {
    const address = addressValue(to.address);
    if (address === undefined) return denied;
    const here = ranges.at(address).filter((rule) => isIn(rule, to));
    const denying = here.filter(({ verdict }) => verdict === 'deny');
    if (denying.length > 0) return { verdict: 'deny', rules: denying };
    if (isGroup(address)) return denied;
    if (here.length > 0) return { verdict: 'allow', rules: here };
    if (to.name === undefined) return denied;
    const named = aboutName(to.name);
    const refusing = named.filter(({ verdict }) => verdict === 'deny');
    if (refusing.length > 0) return { verdict: 'deny', rules: refusing };
    if (isSpecial(address)) return denied;
    if (isPrivate(address) && !named.some(({ local }) => local)) return denied;
    const allowing = named.filter((rule) => isIn(rule, to));
    return allowing.length > 0 ? { verdict: 'allow', rules: allowing } : denied;
  };
}

/** Whether traffic to the destination is of the class. */
export function isIn({ protocol, port }: TrafficClass, to: Destination): boolean {
  if (protocol !== undefined && protocol !== to.protocol) return false;
  if (port === undefined) return true;
  return port === to.port && (to.protocol === 'tcp' || to.protocol === 'udp');
}
