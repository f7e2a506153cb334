import type { EgressDestination } from '../../model/egress.ts';
import type { Evidence } from '../../model/finding.ts';
import type { EgressObservation } from '../../model/observation.ts';
import type { Milliseconds, Moment } from '../../model/time.ts';
import { noVerdicts, type Verdict } from '../verdict.ts';
import { countInWords, spanInWords } from '../words.ts';

/** When a destination was talked to, as far as it is kept. */
interface Contact {
  /** When each spell of talking to what is new began, the latest last, at most `mostSpells`. */
  spells: readonly Moment[];
  firstAt: Moment;
  lastAt: Moment;
  /** Whether more than a refusal came back at the last look. */
  isAnswered: boolean;
}

/** What is kept of where one container reaches for. Bounded, whatever it does. */
export interface Reach {
  /** By name or address, protocol and port; the one not talked to for longest goes first. */
  readonly contacts: Map<string, Contact>;
  /** Since when anything was seen; undefined before. */
  since: Moment | undefined;
  readonly held: Map<string, { readonly verdict: Verdict; readonly heldAt: Moment }>;
}

/** One for all, as most have none. */
const noSpells: readonly Moment[] = [];

const mostContacts = 256;
const mostSpells = 8;
/** Points of a picture. */
const mostPoints = 60;

/** What is judged together. */
const windowMs: Milliseconds = 60_000;
/** How long what was found stays a finding after it was seen last. */
const holdMs: Milliseconds = 60_000;
/** Looks are five seconds apart; a spell ends with a look without traffic, or a late one. */
const spellMs: Milliseconds = 9_000;

/** Addresses within the window. */
const fanAddresses = 100;
const unansweredShare = 0.8;
const answerBytes = 100;

const beaconSpells = 8;
const shortestBeat: Milliseconds = 15_000;
/** Of the intervals' mean. Jitter of a quarter either way has a deviation of 0.14 of the mean. */
const beaconDeviation = 0.2;
/** Before a destination counts as new, the container was seen for so long. */
const settledMs: Milliseconds = 600_000;

/** Nothing was seen. */
export function createReach(): Reach {
  return { contacts: new Map(), since: undefined, held: new Map() };
}

/** Takes in what was seen at one look. Updates the state in place. */
export function noteReach(reach: Reach, observation: EgressObservation): void {
  const { at, destinations, omitted } = observation;
  reach.since ??= at;
  // A clock that was set back begins anew.
  if (at < reach.since) {
    reach.contacts.clear();
    reach.since = at;
  }
  const seen = destinations.map((each) => ({ key: keyOf(each), each }));
  for (const { key, each } of seen) if (each.sentPackets > 0) noteContact(reach, key, each, at);
  judgeFan(reach, at, omitted);
  for (const { key, each } of seen) judgeBeat(reach, key, each, at);
}

/** What holds at `at`. */
export function judgeReach(reach: Reach, at: Moment): readonly Verdict[] {
  if (reach.held.size === 0) return noVerdicts;
  for (const [key, { heldAt }] of reach.held) {
    // An absolute span: the clock may have been set back since.
    if (Math.abs(at - heldAt) >= holdMs) reach.held.delete(key);
  }
  return [...reach.held.values()].map(({ verdict }) => verdict);
}

const keyOf = ({ address, protocol, port }: EgressDestination): string =>
  `${address} ${protocol} ${port ?? ''}`;

function noteContact(reach: Reach, key: string, seen: EgressDestination, at: Moment): void {
  const known = reach.contacts.get(key);
  const contact = known ?? { spells: noSpells, firstAt: at, lastAt: -Infinity, isAnswered: false };
  reach.contacts.delete(key);
  if (reach.contacts.size >= mostContacts) {
    const [oldest] = reach.contacts.keys();
    if (oldest !== undefined) reach.contacts.delete(oldest);
  }
  reach.contacts.set(key, contact);
  // Of what was there from the start no beat is judged.
  if (at - contact.lastAt > spellMs && isNew(reach, contact)) {
    contact.spells = [...contact.spells, at].slice(-mostSpells);
  }
  contact.lastAt = at;
  // A refusal is a packet of 40 to 60 bytes, of TCP as of ICMP.
  contact.isAnswered = seen.receivedBytes >= answerBytes;
}

function isNew({ since }: Reach, { firstAt }: Contact): boolean {
  return since !== undefined && firstAt - since >= settledMs;
}

/** Contacts of the window, by address. */
function recentByAddress(reach: Reach, at: Moment): Map<string, Contact[]> {
  const byAddress = new Map<string, Contact[]>();
  for (const [key, contact] of reach.contacts) {
    if (at - contact.lastAt > windowMs) continue;
    const address = key.slice(0, key.indexOf(' '));
    const others = byAddress.get(address);
    if (others === undefined) byAddress.set(address, [contact]);
    else others.push(contact);
  }
  return byAddress;
}

const isMostlySilent = (contacts: readonly Contact[]): boolean =>
  contacts.filter(({ isAnswered }) => !isAnswered).length >= contacts.length * unansweredShare;

function judgeFan(reach: Reach, at: Moment, omitted: number): void {
  // There are no more addresses than contacts, and hardly ever enough to look at them one by one.
  if (reach.contacts.size + omitted < fanAddresses) return;
  const byAddress = recentByAddress(reach, at);
  const addresses = byAddress.size + omitted;
  if (addresses < fanAddresses) return;
  const contacts = [...byAddress.values()].flat();
  // What does not answer is judged as a scan.
  if (isMostlySilent(contacts)) return;
  hold(reach, at, {
    kind: 'fan-out',
    series: 'destinations',
    severity: 'info',
    score: Math.min(1, addresses / 1000),
    onsetAt: Math.min(at, ...contacts.map(({ firstAt }) => firstAt)),
    sentence: `Reached for ${countInWords(addresses)} destinations within a minute.`,
    evidence: [
      {
        series: 'destinations',
        unit: 'count',
        observed: addresses,
        expected: undefined,
        recent: growthOf(byAddress, at, omitted),
      },
    ],
    technique: undefined,
  });
}

/** How many addresses there were by each moment of the window, at most 60 of them. */
function growthOf(
  byAddress: ReadonlyMap<string, readonly Contact[]>,
  at: Moment,
  omitted: number,
): Evidence['recent'] {
  const from = at - windowMs;
  const begins = [...byAddress.values()]
    .map((contacts) => Math.max(from, ...contacts.map(({ firstAt }) => Math.min(at, firstAt))))
    .sort((one, other) => one - other);
  const growth = begins.flatMap((begin, index) =>
    begin === begins[index + 1] ? [] : [{ at: begin, value: index + 1 }],
  );
  const shown = growth.slice(-mostPoints).filter((point) => point.at < at);
  return [...shown.slice(1 - mostPoints), { at, value: begins.length + omitted }];
}

/**
 * Regular contact with a destination that is new: an updater is regular too, but was there from the
 * start. Regular is a deviation of the intervals of less than a fifth of their mean.
 */
function judgeBeat(reach: Reach, key: string, seen: EgressDestination, at: Moment): void {
  const contact = reach.contacts.get(key);
  if (contact === undefined || !isNew(reach, contact)) return;
  const { spells, firstAt } = contact;
  if (spells.length < beaconSpells) return;
  const gaps = spells.slice(1).map((begin, index) => begin - (spells[index] ?? begin));
  const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
  if (mean < shortestBeat) return;
  const variance = gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / (gaps.length - 1);
  if (Math.sqrt(variance) > mean * beaconDeviation) return;
  const where = seen.name ?? seen.address;
  hold(reach, at, {
    kind: 'beaconing',
    series: key,
    severity: 'info',
    score: 0.5,
    onsetAt: firstAt,
    sentence: `Talks to ${where} about every ${spanInWords(mean)}, as it did not before; ${countInWords(spells.length)} times so far.`,
    evidence: [
      {
        series: 'between two contacts',
        unit: 's',
        observed: mean / 1000,
        expected: undefined,
        recent: gaps.map((gap, index) => ({ at: spells[index + 1] ?? at, value: gap / 1000 })),
      },
    ],
    technique: { id: 'T1071', name: 'Application Layer Protocol' },
  });
}

function hold(reach: Reach, at: Moment, verdict: Verdict): void {
  const key = `${verdict.kind} ${verdict.series}`;
  const before = reach.held.get(key);
  reach.held.delete(key);
  const [oldest] = reach.held.keys();
  if (reach.held.size >= 8 && oldest !== undefined) reach.held.delete(oldest);
  const onsetAt = before?.verdict.onsetAt ?? verdict.onsetAt;
  reach.held.set(key, { verdict: { ...verdict, onsetAt }, heldAt: at });
}
