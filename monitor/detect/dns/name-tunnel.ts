import type { Milliseconds, Moment } from '../../model/time.ts';
import type { Verdict } from '../verdict.ts';
import { evidenceOf, type NameEvidence } from './name-evidence.ts';
import { createSeenNames, noteName, type SeenNames } from './seen-names.ts';
import { tunnelVerdict } from './tunnel-sentence.ts';

/** What the detector needs to know of a DNS query. */
export interface AskedName {
  readonly at: Moment;
  /** The name as it was asked for, in presentation form; hostile text. */
  readonly name: string;
}

/** What was asked below one domain. */
export interface AskedDomain {
  /** Nats, as of `at`; they fade. */
  nats: number;
  at: Moment;
  /** Since when it has been rising from nothing. */
  since: Moment;
  /** Distinct odd names since then, and the characters in them. */
  names: number;
  characters: number;
  /** When the evidence last crossed or rose beyond the bar. */
  heldAt: Moment | undefined;
  readonly seen: SeenNames;
  /** Evidence after the latest odd names, oldest first. */
  readonly points: { at: Moment; value: number }[];
}

/** What the detector keeps about one container. The step updates it in place. */
export interface NameWatch {
  readonly domains: Map<string, AskedDomain>;
}

/** The highest evidence that each domain of a workload reached in normal times, in nats. */
export interface LearnedDomains {
  readonly tops: Map<string, number>;
}

/** A verdict without its kind, and the evidence it rests on. */
export interface TunnelVerdict extends Omit<Verdict, 'kind'> {
  readonly nats: number;
}

/** How a name is taken in. */
export interface NameStep {
  readonly learning: boolean;
  /** Whether anything may be learned; false while something is found wrong with the container. */
  readonly learns?: boolean;
  readonly common?: number;
  /** Others than the product's are a bench's. */
  readonly fading?: Fading;
}

/** How evidence fades, and what a new name has to prove first. */
export interface Fading {
  readonly halfLifeMs: Milliseconds;
  readonly natsPerName: number;
}

/** e^60: no ordinary domain comes near it. See docs. */
export const barNats = 60;

/** A domain that was odd while learning may be half as odd again, up to four times the bar. */
const learnedShare = 1.5;
const highestBar = 4 * barNats;

/** Half of the evidence is gone after this long; a new ordinary name below a known domain is no wonder. */
export const productFading: Fading = { halfLifeMs: 30 * 60_000, natsPerName: 2 };

/** A verdict is held for this long after the last odd name. */
const holdMs: Milliseconds = 60_000;

/** Domains under suspicion at a time; the least suspicious goes first. */
const mostDomains = 128;

/** Points of evidence a domain. */
const mostPoints = 60;

/** Nothing asked. */
export function createNameWatch(): NameWatch {
  return { domains: new Map() };
}

/** Nothing learned. */
export function createLearnedDomains(): LearnedDomains {
  return { tops: new Map() };
}

/** For the store. */
export function packDomains(learned: LearnedDomains): readonly (readonly [string, number])[] {
  return [...learned.tops];
}

/** From the store. */
export function unpackDomains(packed: readonly (readonly [string, number])[]): LearnedDomains {
  return { tops: new Map(packed.slice(0, mostDomains)) };
}

/** The evidence against a domain at a moment, in nats. */
export function fadedNats(
  domain: AskedDomain,
  at: Moment,
  { halfLifeMs }: Pick<Fading, 'halfLifeMs'> = productFading,
): number {
  return domain.nats * 0.5 ** (Math.max(0, at - domain.at) / halfLifeMs);
}

/**
 * Takes one query. Every distinct name below a domain adds its evidence (`evidenceOf`) less a fixed
 * price; the sum fades. It is a sequential log-likelihood ratio: Wald's test with the lower bound at
 * zero (Page's CUSUM, Biometrika 1954). One long name, or many short ones over an hour, reach the same
 * bar. While `learning`, and where nothing is told, how far a domain goes is learned as normal, so a
 * service that puts identifiers into names raises its own bar, but never beyond four times the common
 * one, above which it is told even while learning. Undefined while this domain is not suspicious.
 */
export function judgeName(
  watch: NameWatch,
  learned: LearnedDomains,
  asked: AskedName,
  { learning, learns = true, common = barNats, fading = productFading }: NameStep,
): TunnelVerdict | undefined {
  const evidence = evidenceOf(asked.name);
  const domain = domainFor(watch, evidence, asked.at, fading);
  if (domain === undefined) return undefined;
  addEvidence(domain, evidence, asked.at, fading);
  const top = learned.tops.get(evidence.owner) ?? 0;
  const highest = (common / barNats) * highestBar;
  const bar = Math.min(highest, Math.max(common, learnedShare * top));
  const beyond = domain.nats > (learning ? highest : bar);
  if (beyond) domain.heldAt = asked.at;
  else if (learns && domain.nats > top && domain.heldAt === undefined) {
    learnDomain(learned, evidence.owner, domain.nats, learning);
  }
  if (domain.heldAt === undefined) return undefined;
  if (!beyond && Math.abs(asked.at - domain.heldAt) > holdMs) {
    domain.heldAt = undefined;
    return undefined;
  }
  return tunnelVerdict(evidence, domain, bar, top, asked.at);
}

function domainFor(
  watch: NameWatch,
  { owner, nats, labels }: NameEvidence,
  at: Moment,
  fading: Fading,
): AskedDomain | undefined {
  const known = watch.domains.get(owner);
  // An ordinary name of a domain nobody suspects takes no room.
  if (known !== undefined || labels.length === 0 || nats <= fading.natsPerName) return known;
  if (watch.domains.size >= mostDomains) forgetLeast(watch, at, fading);
  const domain: AskedDomain = {
    nats: 0,
    at,
    since: at,
    names: 0,
    characters: 0,
    heldAt: undefined,
    seen: createSeenNames(),
    points: [],
  };
  watch.domains.set(owner, domain);
  return domain;
}

function forgetLeast(watch: NameWatch, at: Moment, fading: Fading): void {
  let least: string | undefined;
  let lowest = Infinity;
  for (const [owner, domain] of watch.domains) {
    const nats = fadedNats(domain, at, fading);
    if (nats >= lowest) continue;
    lowest = nats;
    least = owner;
  }
  if (least !== undefined) watch.domains.delete(least);
}

function addEvidence(
  domain: AskedDomain,
  evidence: NameEvidence,
  at: Moment,
  fading: Fading,
): void {
  domain.nats = fadedNats(domain, at, fading);
  // Where the clock was set back nothing fades once, and then goes on.
  domain.at = at;
  const odd = evidence.nats - fading.natsPerName;
  if (odd <= 0 || !noteName(domain.seen, evidence.labels)) return;
  if (domain.nats < 1) {
    domain.since = at;
    domain.names = 0;
    domain.characters = 0;
  }
  domain.nats += odd;
  domain.names += 1;
  domain.characters += evidence.length;
  if (domain.points.length === mostPoints) domain.points.shift();
  domain.points.push({ at, value: domain.nats });
}

function learnDomain(
  learned: LearnedDomains,
  owner: string,
  nats: number,
  learning: boolean,
): void {
  // Once learned, only a domain that is known may rise; a new one begins at the common bar.
  if (!learning && !learned.tops.has(owner)) return;
  if (learned.tops.size >= mostDomains && !learned.tops.has(owner)) return;
  learned.tops.set(owner, nats);
}

/** A person said that what was told of a domain is normal. */
export function acceptDomain(watch: NameWatch, learned: LearnedDomains, owner: string): void {
  const domain = watch.domains.get(owner);
  if (domain === undefined) return;
  learnDomain(learned, owner, Math.max(domain.nats, learned.tops.get(owner) ?? 0), true);
  domain.heldAt = undefined;
}
