import {
  createAlarmHold,
  holdReach,
  lettingThrough,
} from '../../../monitor/detect/series/alarm-hold.ts';
import { seriesMemory } from '../../../monitor/detect/series/level-core.ts';
import {
  createOneSeries,
  judgeValue,
  oneSeriesReach,
} from '../../../monitor/detect/series/one-series.ts';
import type { NabSeries } from './nab-corpus.ts';
import { nabAt, nabAtBest, nabNormalised, rankRows, type NabProfile } from './nab-score.ts';

/** What was chosen by hand for the detector of one series. */
export interface NabChoice {
  readonly mean: number;
  readonly unrest: number;
  readonly memory: number;
  readonly hold: number;
}

/** The product's own. */
export const productChoice: NabChoice = {
  ...oneSeriesReach,
  memory: seriesMemory,
  hold: holdReach,
};

/** Half and twice of each reach, and a quarter of the memory: the product's choice lies in the middle. */
export const nabGrid: readonly NabChoice[] = [8, 16, 32].flatMap((mean) =>
  [50, 100, 200].flatMap((unrest) =>
    [50, 100, 200].flatMap((hold) =>
      [5_000, 20_000].map((memory) => ({ mean, unrest, memory, hold })),
    ),
  ),
);

/** A series with its scores. */
export interface Scored extends NabSeries {
  readonly scores: Float64Array;
}

/** The surprise of every row, -log10 of its probability, after the hold that makes one alarm of many. */
export function scoreSeries(series: NabSeries, choice = productChoice): Scored {
  const { mean, unrest, memory, hold } = choice;
  const state = createOneSeries();
  const held = createAlarmHold();
  const scores = series.values.map((value) => {
    const judged = judgeValue(state, value, { reach: { mean, unrest }, memory });
    const surprise = judged === undefined ? 0 : -Math.log10(judged.probability);
    return lettingThrough(held, surprise, hold);
  });
  return { ...series, scores };
}

/** Windows that are labelled in all the series. */
export function labelledIn(corpus: readonly NabSeries[]): number {
  return corpus.reduce((sum, { labels }) => sum + labels.windows.length, 0);
}

/** What a category earns with what suited the others best. */
interface LeftOut {
  readonly choice: NabChoice;
  /** What the others earn, by which the choice is made. */
  readonly others: number;
  readonly total: number;
  readonly windows: number;
}

/** For each category and each profile the best choice so far by the other categories. */
export interface LeftOutChoices {
  /** Takes the whole corpus as it is scored by one choice. */
  readonly take: (choice: NabChoice, corpus: readonly Scored[]) => void;
  /** The score of all categories together, and what was chosen for each. */
  readonly scoreOf: (profile: NabProfile) => {
    readonly score: number;
    readonly chosen: ReadonlyMap<string, NabChoice>;
  };
}

/**
 * Leaves one category out at a time: the choice and the threshold are those that earn most on all the
 * others, and what is told is what the one left out earns by them.
 */
export function leaveCategoriesOut(profiles: readonly NabProfile[]): LeftOutChoices {
  const best = new Map<NabProfile, Map<string, LeftOut>>(profiles.map((each) => [each, new Map()]));
  let labelled = 0;
  return {
    take(choice, corpus) {
      labelled = labelledIn(corpus);
      for (const category of new Set(corpus.map((series) => series.category))) {
        const others = rankRows(corpus.filter((series) => series.category !== category));
        const own = rankRows(corpus.filter((series) => series.category === category));
        for (const [profile, found] of best) {
          const { threshold, total: earned } = nabAtBest(others, profile);
          if (earned <= (found.get(category)?.others ?? -Infinity)) continue;
          const { total, windows } = nabAt(own, profile, threshold);
          found.set(category, { choice, others: earned, total, windows });
        }
      }
    },
    scoreOf(profile) {
      const found = [...(best.get(profile) ?? [])];
      const sum = (of: (each: LeftOut) => number): number =>
        found.reduce((all, [, each]) => all + of(each), 0);
      return {
        score: nabNormalised(
          sum(({ total }) => total),
          sum(({ windows }) => windows),
          labelled,
          profile,
        ),
        chosen: new Map(found.map(([category, { choice }]) => [category, choice])),
      };
    },
  };
}
