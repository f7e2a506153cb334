import type { Milliseconds, Moment } from '../../model/time.ts';
import type { Severity } from '../../model/finding.ts';
import type { Verdict } from '../verdict.ts';
import { countInWords, spanInWords } from '../words.ts';
import { classOfCall, techniqueOfCall } from './call-class.ts';
import { levelOf, type CallCounts, type CallWindow } from './call-window.ts';
import { isRareKind } from './rare-call-kinds.ts';
import { plainCall } from './plain-call.ts';

/** One name of call that went beyond what was known. */
interface UnusualCall {
  readonly name: string;
  /** The most within a second before. */
  readonly before: number;
  /** The most within a second since. */
  most: number;
  /** Calls since the onset. */
  total: number;
  readonly points: { at: Moment; value: number }[];
}

/** A stretch in which calls went beyond what was known. */
export interface CallEpisode {
  readonly onsetAt: Moment;
  /** The last moment at which something went beyond all that was known or told before. */
  newsAt: Moment;
  readonly calls: Map<string, UnusualCall>;
}

/**
 * What the detector holds: a verdict without its kind, and the figures that a budget of alarms works
 * with.
 */
export interface UnusualCalls extends Omit<Verdict, 'kind'> {
  /** The largest ln((calls + 1) / (most before + 1)) in the episode. */
  readonly excess: number;
  /** Kinds of call in it that were never made before and that hardly any program makes. */
  readonly rareKinds: number;
  /** Equal to the moment of the step when that step brought news. */
  readonly newsAt: Moment;
}

/** What the series of findings is called in which there are calls that hardly any program makes. */
export const rareCallsSeries = 'rare system calls';

/** Names are followed up to this number; an attack brings a hundred at once. */
const mostCalls = 64;

/** Points of evidence per name. */
const mostPoints = 60;

/** So many new names at once are no accident. */
const manyNew = 5;

const hourMs: Milliseconds = 3_600_000;

/** An episode that begins with the observation. */
export function createCallEpisode(seen: CallCounts): CallEpisode {
  return { onsetAt: seen.at - seen.intervalMs, newsAt: seen.at, calls: new Map() };
}

/** Notes that a name went beyond `before`. */
export function noteNews(
  episode: CallEpisode,
  name: string,
  before: number,
  level: number,
  at: Moment,
): void {
  episode.newsAt = at;
  const call = episode.calls.get(name);
  if (call !== undefined || episode.calls.size >= mostCalls) return;
  episode.calls.set(name, { name, before, most: level, total: 0, points: [] });
}

/** Adds the observation to the figures of the names that are part of the episode. */
export function followEpisode(episode: CallEpisode, window: CallWindow, seen: CallCounts): void {
  for (const call of episode.calls.values()) {
    const count = seen.counts[call.name] ?? 0;
    if (count > 0) call.total += count;
    const value = levelOf(window, window.sums.get(call.name));
    call.most = Math.max(call.most, value);
    if (call.points.length === mostPoints) call.points.shift();
    call.points.push({ at: seen.at, value });
  }
}

/** ln((calls + 1) / (most before + 1)): 0 at the most before, 0.69 for the first call of a kind. */
export function excessOf(level: number, before: number): number {
  return Math.log((level + 1) / (before + 1));
}

function rank(call: UnusualCall): number {
  const grave = classOfCall(call.name) === 'grave' ? 200 : 0;
  const rare = isUnheardOf(call) ? 50 : 0;
  return grave + (call.before === 0 ? 100 : 0) + rare + excessOf(call.most, call.before);
}

function isUnheardOf({ name, before }: UnusualCall): boolean {
  return before === 0 && isRareKind(name);
}

/** The episode as a verdict. */
export function tellEpisode(
  episode: CallEpisode,
  at: Moment,
  watchedMs: Milliseconds,
): UnusualCalls | undefined {
  const calls = [...episode.calls.values()].sort((one, other) => rank(other) - rank(one));
  const first = calls[0];
  if (first === undefined) return undefined;
  const unseen = calls.filter(({ before }) => before === 0);
  const grave = unseen.some(({ name }) => classOfCall(name) === 'grave');
  const rareKinds = unseen.filter(isUnheardOf).length;
  const excess = Math.max(...calls.map(({ most, before }) => excessOf(most, before)));
  return {
    series: rareKinds > 0 ? rareCallsSeries : 'system calls',
    severity: severityOf(grave, unseen.length, watchedMs),
    score: 1 - Math.exp(-excess),
    excess,
    rareKinds,
    onsetAt: episode.onsetAt,
    newsAt: episode.newsAt,
    sentence: sentenceFor(first, calls, at - episode.onsetAt, watchedMs),
    evidence: calls.slice(0, 4).map(({ name, before, most, points }) => ({
      series: `${plainCall(name)} calls a second`,
      unit: 'count',
      observed: most,
      expected: { low: 0, high: before },
      recent: [...points],
    })),
    technique: grave ? techniqueOfCall(first.name) : undefined,
  };
}

/**
 * What may be claimed after so much watching. By the law of records (Rényi) a given kind of call has
 * its next maximum within another hour with probability 1 h / (watched + 1 h): more likely than not
 * during the first hour, 1 in 25 after a day.
 */
function severityOf(grave: boolean, unseen: number, watchedMs: Milliseconds): Severity {
  if (grave) return 'high';
  if (watchedMs < hourMs) return 'info';
  if (unseen === 0) return 'low';
  return unseen >= manyNew && watchedMs >= 24 * hourMs ? 'high' : 'medium';
}

/** Made 214 `ptrace` calls in 3 s; never before in 6 h of watching. */
function sentenceFor(
  first: UnusualCall,
  calls: readonly UnusualCall[],
  lastedMs: Milliseconds,
  watchedMs: Milliseconds,
): string {
  const watched = `in ${spanInWords(watchedMs)} of watching`;
  const rest = calls.filter((call) => call !== first);
  if (first.before === 0) {
    const made = `Made ${callsInWords(first.total, first.name)} in ${spanInWords(lastedMs)}`;
    const also = rest.filter(({ before }) => before === 0);
    const rare = isUnheardOf(first) ? ' Hardly any program makes such calls.' : '';
    return `${made}; never before ${watched}.${rare}${listed('Also new to it', also)}`;
  }
  const made = `Made ${callsInWords(first.most, first.name)} within a second`;
  const most = `never more than ${countInWords(first.before)} ${watched}`;
  return `${made}; ${most}.${listed('Also more than ever', rest)}`;
}

function callsInWords(count: number, name: string): string {
  const rounded = Math.max(1, Math.round(count));
  return `${countInWords(rounded)} \`${plainCall(name)}\` ${rounded === 1 ? 'call' : 'calls'}`;
}

function listed(lead: string, calls: readonly UnusualCall[]): string {
  if (calls.length === 0) return '';
  const named = calls.slice(0, 3).map(({ name }) => `\`${plainCall(name)}\``);
  const more = calls.length - named.length;
  if (more > 0) return ` ${lead}: ${named.join(', ')} and ${more} more.`;
  const last = named.pop() ?? '';
  return ` ${lead}: ${named.length > 0 ? `${named.join(', ')} and ${last}` : last}.`;
}
