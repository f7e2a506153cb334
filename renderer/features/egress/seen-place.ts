import type {
  EgressRule,
  EgressSeen,
  SeenDestination,
  SeenKind,
  SeenName,
} from '../../state/model.ts';

/** A destination, a name that was asked, or what was refused wherever it was to go. */
export type Place = SeenDestination | SeenName | SeenKind;

/** A name that led somewhere, and was never kept back, is told with the destinations it led to. */
export function placesOf(seen: EgressSeen | undefined): readonly Place[] {
  if (seen === undefined) return [];
  const reached = new Set(seen.destinations.map(({ name }) => name));
  const names = seen.names.filter(
    ({ name, refused, held }) => refused + held > 0 || !reached.has(name),
  );
  const all: Place[] = [...seen.destinations, ...names, ...seen.kinds];
  return all.sort((one, other) => other.lastSeenAt - one.lastSeenAt);
}

/** The monitor tells 500 of each kind at most. */
export function isCut(seen: EgressSeen | undefined): boolean {
  return Math.max(seen?.destinations.length ?? 0, seen?.names.length ?? 0) >= 500;
}

/** Another one for every row, and what a person may search for. */
export function keyOf(place: Place): string {
  if ('kind' in place) return kindWords[place.kind].where;
  if (!('address' in place)) return `${place.name} DNS`;
  const { address, name, protocol, port } = place;
  return `${name ?? ''} ${address} ${protocol} ${port ?? ''}`;
}

/** Those that have all the words in them. */
export function fitting(all: readonly Place[], words: string): readonly Place[] {
  const parts = words.toLowerCase().split(/\s+/).filter(Boolean);
  return all.filter((each) => parts.every((part) => keyOf(each).toLowerCase().includes(part)));
}

/** What is refused wherever it is to go, in words. */
export const kindWords: Readonly<Record<SeenKind['kind'], { where: string; what: string }>> = {
  'raw-frames': { where: 'Raw frames', what: 'past the kernel’s own network code' },
  fragments: { where: 'Fragments', what: 'of its own making' },
};

/** The rule that allows or denies what was seen, and nothing else. */
export function ruleOf(
  { address, name, protocol, port }: SeenDestination,
  verdict: EgressRule['verdict'],
): EgressRule {
  const known = (['tcp', 'udp'] as const).find((each) => each === protocol);
  const target = name ?? address;
  // A name is denied as a whole.
  if (verdict === 'deny' && name !== undefined) return { verdict, target };
  return {
    verdict,
    target,
    ...(known === undefined ? {} : { protocol: known }),
    ...(port === undefined ? {} : { port }),
  };
}

/** The rule about a name that led nowhere, so that nobody knows to which port it would have talked. */
export function ruleAbout(name: string, verdict: EgressRule['verdict']): EgressRule {
  // Names of other containers lead to private addresses; they have no dot.
  const local = verdict === 'allow' && !name.includes('.') ? { local: true } : {};
  return { verdict, target: name, ...local };
}
