import { roughSpan } from '../format/duration.ts';
import { countOf } from '../format/number.ts';
import type { AlarmsView, WorkloadAlarms } from '../state/model.ts';

/** Of how much watching the monitor's rates are, milliseconds. */
const memoryMs = 30 * 86_400_000;

/** `1 alarm a day`, `0.2 alarms a day`. */
export function alarmsADay(rate: number): string {
  return `${rateFigure(rate)} ${rate === 1 ? 'alarm' : 'alarms'} a day`;
}

/** A rate with two figures: `0.25`, `1`, `0.0034`. */
export function rateFigure(rate: number): string {
  return Number(rate.toPrecision(2)).toString();
}

/**
 * What all workloads together come to: what is expected, what was, and of how many it cannot be said
 * yet. One sentence each.
 */
export function budgetSummary({ workloads }: AlarmsView): readonly string[] {
  if (workloads.length === 0) return ['No container is watched, so nothing can be said of it.'];
  const known = workloads.filter(({ actualPerDay }) => actualPerDay !== undefined);
  const young = workloads.length - known.length;
  const sentences: string[] = [];
  if (known.length > 0) {
    const expected = known.reduce((sum, each) => sum + each.expectedPerDay, 0) / known.length;
    const days = known.reduce((sum, { watchedMs }) => sum + Math.min(watchedMs, memoryMs), 0);
    const told = known.reduce((sum, each) => sum + each.told, 0);
    const actual = told / (days / 86_400_000);
    const marked = known.reduce((sum, { markedFalse }) => sum + markedFalse, 0);
    sentences.push(
      `Expected of one container by its own history: ${alarmsADay(expected)}.`,
      `In fact: ${alarmsADay(actual)}, by ${countOf(told, 'alarm')}${calledFalse(marked)} ` +
        `in ${roughSpan(days)} of watching ${countOf(known.length, 'workload')}.`,
    );
  }
  if (young > 0) {
    sentences.push(
      known.length === 0
        ? 'Too early to say what it comes to: nothing has been judged by its own history for an hour yet.'
        : `Too early to say of ${countOf(young, 'workload')} judged for less than an hour.`,
    );
  }
  return sentences;
}

/** What one workload comes to, in a line: what is expected, what was, and since when it is judged. */
export function workloadWords(alarms: WorkloadAlarms): string {
  const { watchedMs, expectedPerDay, actualPerDay, told, markedFalse } = alarms;
  if (watchedMs === 0) return 'Still learning: not judged by its own history yet.';
  const count = `${countOf(told, 'alarm')}${calledFalse(markedFalse)}`;
  const expected = `Expected ${rateFigure(expectedPerDay)} a day`;
  const judged =
    watchedMs > memoryMs
      ? `in the last 30\u202fd of ${roughSpan(watchedMs)} judged`
      : `in ${roughSpan(watchedMs)} judged`;
  return actualPerDay === undefined
    ? `${expected}; too early to say what it is: ${count} ${judged}.`
    : `${expected}, in fact ${rateFigure(actualPerDay)}: ${count} ${judged}.`;
}

/** Workloads of which the same is true: their names, what they come to, and what may be claimed. */
export interface WorkloadGroup {
  readonly names: readonly string[];
  readonly words: string;
  readonly claim: string;
}

/** The workloads by name; those of which the same is to be said stand together. */
export function workloadGroups({ workloads }: AlarmsView): readonly WorkloadGroup[] {
  const groups = new Map<string, { names: string[]; words: string; claim: string }>();
  const byName = [...workloads].sort((one, other) => one.name.localeCompare(other.name));
  for (const each of byName) {
    const words = workloadWords(each);
    const key = `${words}\n${each.claim}`;
    const known = groups.get(key);
    if (known === undefined) groups.set(key, { names: [each.name], words, claim: each.claim });
    else known.names.push(each.name);
  }
  return [...groups.values()];
}

function calledFalse(count: number): string {
  return count === 0 ? '' : ` (${count} called false)`;
}
