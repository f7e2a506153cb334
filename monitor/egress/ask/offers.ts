import type { SeenDestination, WrittenEgressRule } from '../../model/egress.ts';
import type { HeldOffer, HeldPort, HeldRequest } from '../../model/held.ts';
import { heldDecider } from './decide-held.ts';
import { readRule } from '../list/rule.ts';

type Held = Pick<HeldRequest, 'name' | 'address' | 'protocol' | 'port'> &
  Partial<Pick<HeldRequest, 'others'>>;

/** Ports that are offered one by one; who tries more is decided about as a whole. */
const mostPorts = 4;

/**
 * The rules that would decide about a held request, those that allow it before those that deny it,
 * each the narrowest first, with how many of the destinations of the past they would have matched.
 */
export function offersFor(held: Held, past: readonly SeenDestination[]): readonly HeldOffer[] {
  const near = past.filter(nearTo(held));
  return rulesFor(held).map((rule) => ({ rule, matched: matches(rule, near) }));
}

/** Whether any rule that is offered could be about it; a past may be long, and questions many. */
function nearTo({ name, address }: Held): (seen: SeenDestination) => boolean {
  if (name === undefined) return (seen) => seen.address === address;
  const below = name.slice(name.indexOf('.'));
  return (seen) => seen.name === name || seen.name?.endsWith(below) === true;
}

/**
 * The traffic that was tried. A port over TCP and UDP, as HTTP does both, is offered as both, too; first
 * of all where nothing else was tried, so that allowing what is asked about leaves nothing of it open.
 */
function classesOf({ protocol, port, others = [] }: Held): readonly Partial<HeldPort>[] {
  const all = [{ protocol, port }, ...others].slice(0, mostPorts);
  const both = all
    .filter((one, index) => all.findIndex((other) => other.port === one.port) < index)
    .map((each) => ({ port: each.port }));
  const isAll = all.every((each) => each.port === port);
  return isAll ? [...both, ...all] : [...all, ...both];
}

function rulesFor(held: Held): readonly WrittenEgressRule[] {
  const { name, address } = held;
  const classes = classesOf(held);
  if (name === undefined) {
    return (['allow', 'deny'] as const).flatMap((verdict) => [
      ...classes.map((each) => ({ verdict, target: address, ...each })),
      { verdict, target: address },
    ]);
  }
  const above = name.slice(name.indexOf('.') + 1);
  // Names of other containers lead to private addresses; they have no dot.
  const local = name.includes('.') ? {} : { local: true };
  return [
    ...classes.map((each) => ({ verdict: 'allow' as const, target: name, ...each, ...local })),
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
  const decide = heldDecider([rule.value]);
  const isAboutName = rule.value.target.kind === 'name';
  let count = 0;
  for (const { name, address, protocol, port } of past) {
    if ((protocol !== 'tcp' && protocol !== 'udp') || port === undefined) continue;
    // By the name where there is one, as the wall would have been asked.
    if (isAboutName && name === undefined) continue;
    const byName = isAboutName ? name : undefined;
    if (decide({ protocol, address, port, name: byName }) !== 'undecided') count += 1;
  }
  return count;
}
