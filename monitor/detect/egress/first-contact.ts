import type { EgressObservation } from '../../model/observation.ts';
import type { Milliseconds, Moment } from '../../model/time.ts';
import { noVerdicts, type Verdict } from '../verdict.ts';
import { countInWords, spanInWords } from '../words.ts';
import {
  answeredPlaces,
  noteContacts,
  noteImage,
  type FirstContact,
  type LearnedPlaces,
} from './learned-places.ts';

/** What was found of one container lately, by what it is about. */
export interface FirstContacts {
  readonly held: Map<string, { readonly verdict: Verdict; readonly heldAt: Moment }>;
  /** Places first talked to while something was wrong: they are not learned from that. */
  readonly suspected: Set<string>;
}

/** How long what was found stays a finding after it was seen last. */
const holdMs: Milliseconds = 60_000;
/** More are not named one by one. */
const mostNamed = 5;
const mostHeld = 8;

/** Nothing was found. */
export function createFirstContacts(): FirstContacts {
  return { held: new Map(), suspected: new Set() };
}

/**
 * Takes in what was seen at one look: places that answered and were never talked to before. What is
 * new within a day of another image is one finding, since an update is what changes many at once.
 */
export function noteFirstContacts(
  contacts: FirstContacts,
  learned: LearnedPlaces,
  { at, image, destinations }: EgressObservation,
  learns = true,
  { all: places } = answeredPlaces(destinations),
): void {
  noteImage(learned, image, at);
  if (places.size === 0) return;
  const news = noteContacts(learned, places, at, { suspected: contacts.suspected, learns });
  const updated = news.filter(({ updatedMs }) => updatedMs !== undefined);
  if (updated.length > 0) hold(contacts, at, afterUpdate(contacts, updated, at));
  for (const each of news) if (each.updatedMs === undefined) hold(contacts, at, plain(each, at));
}

/** What holds at `at`. */
export function judgeFirstContacts(contacts: FirstContacts, at: Moment): readonly Verdict[] {
  if (contacts.held.size === 0) return noVerdicts;
  for (const [key, { heldAt }] of contacts.held) {
    // An absolute span: the clock may have been set back since.
    if (Math.abs(at - heldAt) >= holdMs) contacts.held.delete(key);
  }
  return [...contacts.held.values()].map(({ verdict }) => verdict);
}

function plain({ place, watchedMs, isFirst }: FirstContact, at: Moment): Verdict {
  const first = isFirst ? ' for the first time' : '';
  const sentence = `Talks to ${place}${first}: in ${spanInWords(watchedMs)} no container of its kind did.`;
  return verdictOf(place, 'info', sentence, 1, at);
}

function afterUpdate(contacts: FirstContacts, news: readonly FirstContact[], at: Moment): Verdict {
  const before = contacts.held.get('image')?.verdict;
  const count = (before?.evidence[0]?.observed ?? 0) + news.length;
  const first = news[0];
  const named = news.slice(0, mostNamed).map(({ place }) => place);
  const others = count - named.length;
  const what = others > 0 ? `${named.join(', ')} and ${countInWords(others)} more` : listOf(named);
  const ago = spanInWords(first?.updatedMs ?? 0);
  const known = spanInWords((first?.watchedMs ?? 0) - (first?.updatedMs ?? 0));
  const sentence = `Talks to ${what}, as it did not in the ${known} before its image was changed ${ago} ago.`;
  return verdictOf('image', 'low', sentence, count, before?.onsetAt ?? at);
}

function listOf(names: readonly string[]): string {
  const last = names.at(-1) ?? '';
  return names.length < 2 ? last : `${names.slice(0, -1).join(', ')} and ${last}`;
}

function verdictOf(
  series: string,
  severity: 'info' | 'low',
  sentence: string,
  observed: number,
  onsetAt: Moment,
): Verdict {
  return {
    ...{ kind: 'first-contact', series, severity, score: 0.3, onsetAt, sentence },
    evidence: [{ series: 'new places', unit: 'count', observed, expected: undefined, recent: [] }],
    technique: undefined,
  };
}

function hold({ held }: FirstContacts, at: Moment, verdict: Verdict): void {
  held.delete(verdict.series);
  const [oldest] = held.keys();
  if (held.size >= mostHeld && oldest !== undefined) held.delete(oldest);
  held.set(verdict.series, { verdict, heldAt: at });
}
