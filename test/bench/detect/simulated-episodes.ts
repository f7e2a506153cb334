import { createAlarmBudget, ruleOn, watchOn } from '../../../monitor/detect/budget/alarm-budget.ts';
import {
  alarmSources,
  priorMsOf,
  type AlarmSource,
} from '../../../monitor/detect/budget/alarm-source.ts';
import { mostMixStrength } from '../../../monitor/detect/syscalls/call-mix.ts';
import { evenNumbers } from './quiet-series.ts';

/** Ways in which a workload may go beyond all that it has done; see `episodesOf`. */
export const episodeKinds = ['records', 'steady', 'uneven', 'phases', 'growing'] as const;

export type EpisodeKind = (typeof episodeKinds)[number];

/** Alarms of one container and day, on its first day and on the three that follow. */
export interface SimulatedAlarms {
  readonly firstDay: number;
  readonly later: number;
}

const minuteMs = 60_000;
const minutesOfADay = 1440;
const days = 4;

/**
 * How likely an episode of one source is within a minute, and how strong it is, `hours` after the
 * beginning:
 * - `records`: as records come where seconds are exchangeable, ever more rarely;
 * - `steady`: half an episode an hour;
 * - `uneven`: the same, every tenth of them twenty times stronger or more;
 * - `phases`: a new kind of work every two hours moves most sources at once;
 * - `growing`: ever more of them, and ever stronger.
 */
function episodesOf(kind: EpisodeKind, hours: number, isNewPhase: boolean) {
  switch (kind) {
    case 'records':
      return { chance: 1 / (60 * hours), strength: (exponential: number) => 0.2 * exponential };
    case 'steady':
      return { chance: 0.5 / 60, strength: (exponential: number) => 0.2 * exponential };
    case 'uneven':
      return {
        chance: 0.5 / 60,
        strength: (exponential: number, even: number) =>
          even < 0.1 ? 3 + 2 * exponential : 0.1 * exponential,
      };
    case 'phases':
      return { chance: isNewPhase ? 0.7 : 0, strength: (exponential: number) => 1.5 * exponential };
    case 'growing':
      return {
        chance: hours / 12_000,
        strength: (exponential: number) => 0.3 * (1 + hours / 24) * exponential,
      };
  }
}

/** Lets so many workloads live for four days at the budget; all sources that rest on their own history have episodes. */
export function simulateEpisodes(
  kind: EpisodeKind,
  alarmsPerDay: number,
  workloads: number,
): SimulatedAlarms {
  const even = evenNumbers(7);
  const told = { firstDay: 0, later: 0 };
  for (let workload = 0; workload < workloads; workload += 1) {
    const budget = createAlarmBudget(alarmsPerDay);
    for (let minute = 1; minute <= days * minutesOfADay; minute += 1) {
      const at = minute * minuteMs;
      watchOn(budget, minuteMs);
      const { chance, strength } = episodesOf(kind, 0.1 + minute / 60, even() < 1 / 120);
      for (const each of alarmSources) {
        if (priorMsOf(each) > 0 || each === 'familiar-calls' || even() >= chance) continue;
        // What is unusual in calls is of one of two sources, by which programs ran.
        const source: AlarmSource = each === 'calls' && even() < 0.5 ? 'familiar-calls' : each;
        const drawn = strength(-Math.log(1 - even()), even());
        // A distance of mixes has an end, and so has its ratio to what it was.
        const most = source === 'call-mix' ? mostMixStrength : Infinity;
        const episode = { source, strength: Math.min(most, drawn) };
        if (!ruleOn(budget, { ...episode, onsetAt: at, at }).told) continue;
        told[minute <= minutesOfADay ? 'firstDay' : 'later'] += 1;
      }
    }
  }
  return { firstDay: told.firstDay / workloads, later: told.later / workloads / (days - 1) };
}
