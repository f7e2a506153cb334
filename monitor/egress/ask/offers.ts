import { isIP } from 'node:net';
import type { SeenDestination, WrittenEgressRule } from '../../model/egress.ts';
import type { HeldOffer, HeldRequest } from '../../model/held.ts';
import { decideHeld } from './decide-held.ts';
import { readRule } from '../list/rule.ts';

type Held = Pick<HeldRequest, 'name' | 'address' | 'protocol' | 'port'>;

/**
 * The rules that would decide about a held request, those that allow it before those that deny it,
 * each the narrowest first, with how many of the destinations of the past they would have matched.
 */
export function offersFor(held: Held, past: readonly SeenDestination[]): readonly HeldOffer[] {
  return rulesFor(held).map((rule) => ({ rule, matched: matches(rule, past) }));
}

function rulesFor({ name, address, protocol, port }: Held): readonly WrittenEgressRule[] {
  if (name === undefined) {
    return [
      { verdict: 'allow', target: address, protocol, port },
      { verdict: 'allow', target: address },
      { verdict: 'deny', target: address, protocol, port },
      { verdict: 'deny', target: address },
    ];
  }
  const above = name.slice(name.indexOf('.') + 1);
  // Names of other containers lead to private addresses; they have no dot.
  const local = name.includes('.') ? {} : { local: true };
  return [
    { verdict: 'allow', target: name, protocol, port, ...local },
    { verdict: 'allow', target: name, ...local },
    // What lies below a name of two parts is somebody's; below one of one part it is a whole country.
    ...(above.includes('.') ? [{ verdict: 'allow', target: `*.${above}` } as const] : []),
    { verdict: 'deny', target: name },
    ...(above.includes('.') ? [{ verdict: 'deny', target: `*.${above}` } as const] : []),
  ];
}

function matches(written: WrittenEgressRule, past: readonly SeenDestination[]): number {
  const rule = readRule(written);
  if (!rule.ok) return 0;
  return past.filter(({ name, address, protocol, port }) => {
    const isTransport = protocol === 'tcp' || protocol === 'udp';
    if (!isTransport || port === undefined || isIP(address) !== 4) return false;
    // By the name where there is one, as the wall would have been asked.
    const byName = rule.value.target.kind === 'name' ? name : undefined;
    if (rule.value.target.kind === 'name' && name === undefined) return false;
    return decideHeld([rule.value], { protocol, address, port, name: byName }) !== 'undecided';
  }).length;
}
