import {
  createAlarmBudget,
  highestCorrection,
  mostMarked,
  type AlarmBudget,
  type SourceBudget,
} from './alarm-budget.ts';
import { countAlarm, mostSpans } from './alarm-tally.ts';
import { alarmSources, type AlarmSource } from './alarm-source.ts';
import { mostEpisodes, type PastEpisode } from './episode-history.ts';

/** Container time, strength, and the onset of what was told of in it, where anything was. */
export type PackedEpisode = readonly [number, number] | readonly [number, number, number];

/** A budget as JSON. */
export interface PackedBudget {
  readonly alarmsPerDay: number;
  readonly watchedMs: number;
  readonly correction: number;
  /** Absent where it is 0, as in the record of an earlier Sentra. */
  readonly togetherCorrection?: number;
  readonly episodes: Readonly<Partial<Record<AlarmSource, readonly PackedEpisode[]>>>;
  /** Absent where the record is older than that all were counted. */
  readonly alarms?: readonly (readonly [number, number])[];
  /** Container time at the latest alarms, ruled on and not, as an earlier Sentra kept them. */
  readonly told?: readonly number[];
  readonly beside?: readonly number[];
  /** Container time and the finding; a bare time where the record is older than that it was kept. */
  readonly markedFalse: readonly (number | readonly [number, string])[];
}

/** For storing. An episode that is not over yet counts as one that is. */
export function packBudget(budget: AlarmBudget): PackedBudget {
  const episodes: Partial<Record<AlarmSource, readonly PackedEpisode[]>> = {};
  for (const source of alarmSources) {
    const { history, open } = budget.sources[source];
    const all = open === undefined ? history : [...history, open];
    if (all.length > 0) episodes[source] = all.map(packEpisode);
  }
  const { alarmsPerDay, watchedMs, correction, togetherCorrection, alarms, markedFalse } = budget;
  return {
    alarmsPerDay,
    watchedMs,
    correction,
    ...(togetherCorrection < 0 && { togetherCorrection }),
    episodes,
    alarms: alarms.map(([span, count]) => [span, count]),
    markedFalse: markedFalse.map(({ atMs, finding }) => [atMs, finding]),
  };
}

/** What `packBudget` gave, read back. The caller has checked its shape. */
export function unpackBudget(packed: PackedBudget): AlarmBudget {
  const budget = createAlarmBudget(packed.alarmsPerDay);
  budget.watchedMs = packed.watchedMs;
  budget.correction = Math.min(highestCorrection, packed.correction);
  budget.togetherCorrection = Math.min(0, packed.togetherCorrection ?? 0);
  for (const source of alarmSources) fill(budget.sources[source], packed.episodes[source] ?? []);
  for (const [span, count] of (packed.alarms ?? []).slice(-mostSpans))
    budget.alarms.push([span, count]);
  const earlier = [...(packed.told ?? []), ...(packed.beside ?? [])];
  for (const atMs of earlier.sort((one, other) => one - other)) countAlarm(budget.alarms, atMs);
  for (const marked of packed.markedFalse.slice(-mostMarked)) {
    const [atMs, finding] = typeof marked === 'number' ? [marked, ''] : marked;
    budget.markedFalse.push({ atMs, finding });
  }
  return budget;
}

function packEpisode({ atMs, strength, toldOnset }: PastEpisode): PackedEpisode {
  return toldOnset === undefined ? [atMs, strength] : [atMs, strength, toldOnset];
}

function fill(own: SourceBudget, episodes: readonly PackedEpisode[]): void {
  for (const [atMs, strength, toldOnset] of episodes.slice(-mostEpisodes))
    own.history.push({ atMs, strength, toldOnset });
}
