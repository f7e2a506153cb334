import type { SyscallsObservation } from '../../model/observation.ts';
import type { Milliseconds, Moment } from '../../model/time.ts';
import type { AlarmBudget } from '../budget/alarm-budget.ts';
import { ruledVerdict } from '../budget/ruled-verdict.ts';
import type { Profile } from '../profile.ts';
import type { Verdict } from '../verdict.ts';
import { classOfCall } from './call-class.ts';
import { excessOf, type UnusualCalls } from './call-episode.ts';
import { learnLevel, type LearnedCalls } from './learned-calls.ts';
import {
  acceptCalls,
  breakCalls,
  createCallWatch,
  judgeCalls,
  type CallWatch,
} from './unusual-calls.ts';

/** System calls of one container as they are judged live. The step updates it in place. */
export interface CallAlarm {
  readonly watch: CallWatch;
  /** Whether the person was told of the episode that goes on. */
  told: boolean;
  /** When the workload last started what it had never started before; undefined before any start. */
  unfamiliarAt: Moment | undefined;
  /** The onset of what was told of known programs: whatever starts since does not explain it. */
  familiarOnset: Moment | undefined;
  /** Until when calls are passed over, because something was put into the container from outside. */
  passOver: { from: Moment; until: Moment } | undefined;
  /** When that began, the latest times, oldest first. */
  readonly entries: Moment[];
}

/** For so long after a start or an exec the calls may be those of the runtime on its way in. */
const entryMs: Milliseconds = 10_000;

/** So often within an hour: a container that is entered all the time is judged all the same. */
const mostEntries = 6;
const hourMs: Milliseconds = 3_600_000;

/**
 * New work begins with a program that is new, or that another starts than before. Its new calls come at
 * once: in an hour of ten containers all 86 times within five seconds. A server that was started anew may
 * make some only when it is asked for the first time, minutes later.
 */
const unfamiliarMs: Milliseconds = 600_000;

/** What the series of findings is called in which programs of old make new calls. */
export const familiarCallsSeries = 'system calls of known programs';

/** Nothing seen. */
export function createCallAlarm(): CallAlarm {
  return {
    watch: createCallWatch(),
    told: false,
    unfamiliarAt: undefined,
    familiarOnset: undefined,
    passOver: undefined,
    entries: [],
  };
}

/**
 * The container was started, or a command was started in it from outside: the calls of the next ten
 * seconds are neither judged nor learned, six times an hour at most. Grave calls made then are told
 * apart by lineage, in `escape-attempt.ts`.
 */
export function noteEntry(alarm: CallAlarm, at: Moment): void {
  const { entries } = alarm;
  while (entries[0] !== undefined && Math.abs(at - entries[0]) > hourMs) entries.shift();
  if (entries.length >= mostEntries) return;
  entries.push(at);
  alarm.passOver = { from: at, until: at + entryMs };
}

/** A program was started; `isNew`: it never was, or never by that parent, as far as is learned. */
export function noteStarted(alarm: CallAlarm, at: Moment, isNew: boolean): void {
  if (isNew) alarm.unfamiliarAt = at;
  // Where starts are seen at all, calls can be held against them.
  else alarm.unfamiliarAt ??= -Infinity;
}

/** A gap, or the container stood still. */
export function breakCallAlarm(alarm: CallAlarm): void {
  breakCalls(alarm.watch);
  alarm.told = false;
}

/**
 * Judges the calls of one interval; they are learned at first for `learnMs` of watching. What is news
 * and no alarm by the budget is recorded, and learned when it is over; what was told of is learned only
 * when a person says so. Where calls that hardly any program makes are among what is new, they are
 * ruled on as a source of their own; so are new calls while only programs run that always did, for new
 * work brings new calls with new programs, and an exploit brings them into one of old. With `learns` false, while something is found wrong with the
 * container, nothing is learned, and an episode that ends then is forgotten. Grave calls are left to `escape-attempt.ts`, which knows who made them.
 */
export function judgeCallAlarm(
  alarm: CallAlarm,
  { calls, budget }: Pick<Profile, 'calls' | 'budget'>,
  observation: SyscallsObservation,
  { learnMs, learns }: { readonly learnMs: Milliseconds; readonly learns: boolean },
): Verdict | undefined {
  const { at, intervalMs } = observation;
  const learning = calls.watchedMs < learnMs;
  // The clock was set back: it was now at the latest.
  if (alarm.unfamiliarAt !== undefined) alarm.unfamiliarAt = Math.min(alarm.unfamiliarAt, at);
  // Of starts that were lost any may have been a new one.
  if (observation.lost > (observation.lostCalls ?? 0)) noteStarted(alarm, at, true);
  if (!learning && isPassedOver(alarm, at - intervalMs, at)) return undefined;
  const before = alarm.watch.episode;
  const seen = { at, intervalMs, counts: withoutGrave(observation.counts) };
  const unusual = judgeCalls(alarm.watch, calls, seen, { learning, learns });
  if (before !== undefined && alarm.watch.episode !== before) {
    if (!alarm.told && learns) learnEpisode(alarm, calls, before.calls.keys());
    alarm.told = false;
  }
  if (unusual === undefined) return undefined;
  const { series, severity, score, onsetAt, sentence, evidence, technique } = unusual;
  const found: Verdict = {
    ...{ kind: 'unusual-calls', series, severity, score, onsetAt, sentence, evidence, technique },
  };
  const ruling = { at, ownMs: calls.watchedMs };
  const verdict = ruledCalls(alarm, budget, unusual, found, ruling);
  alarm.told ||= verdict.severity !== 'info';
  return verdict;
}

function ruledCalls(
  alarm: CallAlarm,
  budget: AlarmBudget,
  { rareKinds, excess }: UnusualCalls,
  found: Verdict,
  when: { readonly at: Moment; readonly ownMs: Milliseconds },
): Verdict {
  if (rareKinds > 0) {
    // How often is irrelevant where one is too many; how many kinds at once is not.
    const strength = Math.log(rareKinds);
    return ruledVerdict(budget, { source: 'rare-calls', strength, ...when }, found);
  }
  const fresh = isFamiliar(alarm, found.onsetAt) ? freshExcess(alarm) : undefined;
  if (fresh === undefined)
    return ruledVerdict(budget, { source: 'calls', strength: excess, ...when }, found);
  const verdict = ruledVerdict(
    budget,
    { source: 'familiar-calls', strength: fresh, ...when },
    {
      ...found,
      series: familiarCallsSeries,
      sentence: `${found.sentence} All programs that ran then are known.`,
    },
  );
  if (verdict.severity !== 'info') alarm.familiarOnset = found.onsetAt;
  return verdict;
}

/** Whether nothing was started for the first time shortly before the onset, nor since. */
function isFamiliar({ unfamiliarAt, familiarOnset }: CallAlarm, onsetAt: Moment): boolean {
  if (familiarOnset === onsetAt) return true;
  return unfamiliarAt !== undefined && onsetAt - unfamiliarAt > unfamiliarMs;
}

/** How far the kinds of call in the episode that are new go beyond nothing; undefined without any. */
function freshExcess({ watch }: CallAlarm): number | undefined {
  const fresh = [...(watch.episode?.calls.values() ?? [])].filter(({ before }) => before === 0);
  if (fresh.length === 0) return undefined;
  return Math.max(...fresh.map(({ most, before }) => excessOf(most, before)));
}

/** The person holds what was told of normal. */
export function acceptCallAlarm(alarm: CallAlarm, calls: LearnedCalls): void {
  acceptCalls(alarm.watch, calls);
  alarm.told = false;
}

/** Whether the calls of the interval may be of something that was put into the container from outside. */
export function isPassedOver({ passOver }: CallAlarm, from: Moment, to: Moment): boolean {
  return passOver !== undefined && to >= passOver.from && from <= passOver.until;
}

function learnEpisode(alarm: CallAlarm, learned: LearnedCalls, names: Iterable<string>): void {
  for (const name of names) {
    const told = alarm.watch.told.get(name);
    if (told === undefined) continue;
    learnLevel(learned, name, told.level);
    alarm.watch.told.delete(name);
  }
}

/** Nearly always the same counts; copied only where there are grave calls among them. */
function withoutGrave(counts: Readonly<Record<string, number>>): Readonly<Record<string, number>> {
  for (const name in counts) {
    if (classOfCall(name) !== 'grave') continue;
    return Object.fromEntries(
      Object.entries(counts).filter(([each]) => classOfCall(each) !== 'grave'),
    );
  }
  return counts;
}
