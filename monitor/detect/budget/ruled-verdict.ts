import type { Milliseconds, Moment } from '../../model/time.ts';
import type { Verdict } from '../verdict.ts';
import { spanInWords } from '../words.ts';
import { ruleOn, type AlarmBudget } from './alarm-budget.ts';
import type { AlarmSource } from './alarm-source.ts';

const hourMs: Milliseconds = 3_600_000;
const dayMs: Milliseconds = 24 * hourMs;

/**
 * The verdict as the budget lets it be told: as an alarm, with at most medium severity, or as *info*.
 * Its sentence says how rare the like is for this workload.
 */
export function ruledVerdict(
  budget: AlarmBudget,
  of: { readonly source: AlarmSource; readonly strength: number; readonly at: Moment },
  verdict: Verdict,
): Verdict {
  const { told, onceInMs } = ruleOn(budget, { ...of, onsetAt: verdict.onsetAt });
  return {
    ...verdict,
    severity: told ? (verdict.severity === 'medium' ? 'medium' : 'low') : 'info',
    sentence: `${verdict.sentence} By its own history the like comes ${rarityInWords(onceInMs)}.`,
  };
}

/** Once in 3 days; no more than that is known, so of a new workload it is soon. */
export function rarityInWords(onceInMs: Milliseconds): string {
  if (onceInMs >= 365 * dayMs) return 'less than once a year';
  if (onceInMs >= 2 * dayMs) return `once in ${Math.round(onceInMs / dayMs)} days`;
  if (onceInMs >= hourMs) return `once in ${spanInWords(Math.round(onceInMs / hourMs) * hourMs)}`;
  return `once in ${spanInWords(Math.max(1, Math.round(onceInMs / 60_000)) * 60_000)}`;
}
