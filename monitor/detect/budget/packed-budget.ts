import {
  createAlarmBudget,
  highestCorrection,
  mostTold,
  type AlarmBudget,
  type SourceBudget,
} from './alarm-budget.ts';
import { alarmSources, type AlarmSource } from './alarm-source.ts';
import { mostEpisodes, type PastEpisode } from './episode-history.ts';

/** Container time, strength, and the onset of what was told of in it, where anything was. */
export type PackedEpisode = readonly [number, number] | readonly [number, number, number];

/** A budget as JSON. */
export interface PackedBudget {
  readonly alarmsPerDay: number;
  readonly watchedMs: number;
  readonly correction: number;
  readonly episodes: Readonly<Partial<Record<AlarmSource, readonly PackedEpisode[]>>>;
  readonly told: readonly number[];
  /** Absent where the record is older than that they were counted. */
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
  const { alarmsPerDay, watchedMs, correction, told, beside, markedFalse } = budget;
  return {
    alarmsPerDay,
    watchedMs,
    correction,
    episodes,
    told: [...told],
    beside: [...beside],
    markedFalse: markedFalse.map(({ atMs, finding }) => [atMs, finding]),
  };
}

/** What `packBudget` gave, read back. The caller has checked its shape. */
export function unpackBudget(packed: PackedBudget): AlarmBudget {
  const budget = createAlarmBudget(packed.alarmsPerDay);
  budget.watchedMs = packed.watchedMs;
  budget.correction = Math.min(highestCorrection, packed.correction);
  for (const source of alarmSources) fill(budget.sources[source], packed.episodes[source] ?? []);
  budget.told.push(...packed.told.slice(-mostTold));
  budget.beside.push(...(packed.beside ?? []).slice(-mostTold));
  for (const marked of packed.markedFalse.slice(-mostTold)) {
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
