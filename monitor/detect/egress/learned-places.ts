import type { EgressDestination } from '../../model/egress.ts';
import type { CoverageObservation } from '../../model/observation.ts';
import type { Milliseconds, Moment } from '../../model/time.ts';
import { isLocalName, splitName } from '../dns/registered-domain.ts';

/** Where a workload talks to, place by place, and since when that is watched. Bounded. */
export interface LearnedPlaces {
  /** The latest contact of each; the one not talked to for longest comes first. */
  readonly places: Map<string, Moment>;
  /** Since when it is watched where the workload talks to, as far as that was told. */
  watchedSince: Moment | undefined;
  /** Since when anything was seen; undefined before. */
  since: Moment | undefined;
  /** The first contacts of the day up to the latest one. */
  firsts: readonly Moment[];
  /** The image as it was seen last, and since when it is another than before. */
  image: string | undefined;
  imageSince: Moment | undefined;
}

/** What a contact with a place is, when it is not one of many. */
export interface FirstContact {
  readonly place: string;
  /** For how long it is known that the workload did not talk to it. */
  readonly watchedMs: Milliseconds;
  /** Whether that is as long as it was watched: no place was forgotten. */
  readonly isFirst: boolean;
  /** How long ago its image became another one, where that is less than a day. */
  readonly updatedMs: Milliseconds | undefined;
}

const mostPlaces = 128;
const mostFirsts = 16;
const dayMs: Milliseconds = 86_400_000;
/** Who makes more first contacts than this in a day looks around all the time: none is news. */
const mostNewsADay = 4;

/** Nothing seen. */
export function createLearnedPlaces(): LearnedPlaces {
  return {
    places: new Map(),
    watchedSince: undefined,
    since: undefined,
    firsts: [],
    image: undefined,
    imageSince: undefined,
  };
}

/**
 * Where a destination is: the registered domain of its name, else its network of 256 addresses (IPv6:
 * of a /48, what one customer is given). Undefined for what stays in the house: local names, and
 * addresses that are private (RFC 1918, RFC 4193), local to a link or to the machine.
 */
export function placeOf({ name, address }: Pick<EgressDestination, 'name' | 'address'>) {
  if (name !== undefined) {
    const split = splitName(name);
    return isLocalName(split) || split.owner === '' ? undefined : split.owner;
  }
  if (address.includes(':')) {
    if (/^(?:f[cd]|fe[89ab]|ff|::1?$)/i.test(address)) return undefined;
    const [head = ''] = address.toLowerCase().split('::');
    return `${[...head.split(':'), '0', '0'].slice(0, 3).join(':')}::/48`;
  }
  if (/^(?:0|10|127|169\.254|192\.168|172\.(?:1[6-9]|2\d|3[01])|22[4-9]|23\d)\./.test(address)) {
    return undefined;
  }
  return `${address.split('.').slice(0, 3).join('.')}.0/24`;
}

/** Where the destinations of one look are that were reached and answered. */
export interface AnsweredPlaces {
  /** The place of each destination, in their order; undefined where it has none. */
  readonly each: readonly (string | undefined)[];
  readonly all: ReadonlySet<string>;
}

/** See `AnsweredPlaces`. */
export function answeredPlaces(destinations: readonly EgressDestination[]): AnsweredPlaces {
  const all = new Set<string>();
  const each = destinations.map((destination) => {
    const { sentPackets, refusedPackets, receivedPackets } = destination;
    const gotThrough = sentPackets > refusedPackets && receivedPackets > 0;
    const place = gotThrough ? placeOf(destination) : undefined;
    if (place !== undefined) all.add(place);
    return place;
  });
  return { each, all };
}

/** Takes note of whether its egress is watched. */
export function noteWatched(
  learned: LearnedPlaces,
  { at, coverage: { sensor, sight } }: Pick<CoverageObservation, 'at' | 'coverage'>,
): void {
  const sees = sight.state === 'seeing' || sight.state === 'partly';
  if (sensor !== 'egress' || !sees) return;
  learned.watchedSince = Math.min(learned.watchedSince ?? at, at);
}

/**
 * Whether its egress is watched for so short a time that nothing is known yet of what is normal there,
 * though the workload itself may have been learned long ago.
 */
export function isNewlyWatched(
  { watchedSince }: LearnedPlaces,
  at: Moment,
  learnMs: Milliseconds,
): boolean {
  return watchedSince !== undefined && at - watchedSince < learnMs;
}

/** Takes note of the image that the workload runs now. */
export function noteImage(learned: LearnedPlaces, image: string | undefined, at: Moment): void {
  if (image === undefined || image === learned.image) return;
  if (learned.image !== undefined) learned.imageSince = at;
  learned.image = image;
}

/**
 * Takes note of contacts; gives those places that were never talked to before, where that tells
 * something: after a day, and when it does not happen all the time. Updates what is learned in place;
 * with `learns` false, while something is found wrong with the container, a new place becomes one of
 * `suspected` instead, which is no news a second time and is learned when it is talked to later.
 */
export function noteContacts(
  learned: LearnedPlaces,
  places: ReadonlySet<string>,
  at: Moment,
  { suspected, learns }: { readonly suspected: Set<string>; readonly learns: boolean },
): readonly FirstContact[] {
  const since = Math.min(learned.since ?? at, at);
  learned.since = since;
  // Where some may have been forgotten, nothing is known from before the latest contact with the oldest.
  const [oldest = since] = learned.places.size < mostPlaces ? [] : learned.places.values();
  const from = Math.max(since, oldest);
  const news: FirstContact[] = [];
  for (const place of places) {
    const isLearned = learned.places.delete(place);
    const isKnown = isLearned || suspected.delete(place);
    if (learns || isLearned) learnPlace(learned, place, at);
    else if (suspected.size < mostPlaces) suspected.add(place);
    if (isKnown) continue;
    const before = learned.firsts.filter((first) => Math.abs(at - first) < dayMs);
    learned.firsts = [...before, at].slice(-mostFirsts);
    if (at - from < dayMs || before.length >= mostNewsADay) continue;
    const updatedMs = sinceUpdate(learned, from, at);
    news.push({ place, watchedMs: at - from, isFirst: from === since, updatedMs });
  }
  return news;
}

function learnPlace({ places }: LearnedPlaces, place: string, at: Moment): void {
  if (places.size >= mostPlaces) {
    const [oldest] = places.keys();
    if (oldest !== undefined) places.delete(oldest);
  }
  places.set(place, at);
}

/** An update tells something only of a workload that was known before it. */
function sinceUpdate(
  { imageSince }: LearnedPlaces,
  since: Moment,
  at: Moment,
): Milliseconds | undefined {
  if (imageSince === undefined || imageSince - since < dayMs) return undefined;
  const updated = at - imageSince;
  return updated >= 0 && updated < dayMs ? updated : undefined;
}

/** For the store. */
export interface PackedPlaces {
  readonly places: readonly (readonly [string, Moment])[];
  readonly firsts: readonly Moment[];
  readonly since?: Moment;
  readonly watchedSince?: Moment;
  readonly image?: string;
  readonly imageSince?: Moment;
}

/** What is known of places as JSON, at most 128 of them. */
export function packPlaces(learned: LearnedPlaces): PackedPlaces {
  const { since, watchedSince, image, imageSince } = learned;
  return {
    places: [...learned.places],
    firsts: learned.firsts,
    ...(since !== undefined && { since }),
    ...(watchedSince !== undefined && { watchedSince }),
    ...(image !== undefined && { image }),
    ...(imageSince !== undefined && { imageSince }),
  };
}

/** What `packPlaces` gave, read back. The caller has checked its shape. */
export function unpackPlaces(packed: PackedPlaces): LearnedPlaces {
  return {
    places: new Map(packed.places.slice(-mostPlaces)),
    since: packed.since,
    watchedSince: packed.watchedSince,
    firsts: packed.firsts.slice(-mostFirsts),
    image: packed.image,
    imageSince: packed.imageSince,
  };
}
