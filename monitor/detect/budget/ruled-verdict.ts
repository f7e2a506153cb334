import type { Milliseconds } from '../../model/time.ts';
import type { Verdict } from '../verdict.ts';
import { spanInWords } from '../words.ts';
import { ruleOn, type AlarmBudget, type Episode } from './alarm-budget.ts';
import type { AlarmSource } from './alarm-source.ts';
import { memoryMs } from './episode-history.ts';

const hourMs: Milliseconds = 3_600_000;
const dayMs: Milliseconds = 24 * hourMs;
/** With less history nothing is said of how rare something is. */
const leastHistoryMs: Milliseconds = 600_000;

/**
 * The verdict as the budget lets it be told: as an alarm, with at most medium severity, or as *info*.
 * Its sentence says how rare the like is for this workload, and by how much history.
 */
export function ruledVerdict(
  budget: AlarmBudget,
  of: Omit<Episode, 'onsetAt'>,
  verdict: Verdict,
): Verdict {
  const watchedMs = Math.min(budget.watchedMs, of.ownMs ?? Infinity, memoryMs);
  const history = `${spanInWords(roundly(watchedMs))} of its own history`;
  const ordinary = ordinaryOf(of.source);
  const basis = ordinary === undefined ? history : `${ordinary} and ${history}`;
  const { told, onceInMs } = ruleOn(budget, { ...of, onsetAt: verdict.onsetAt });
  return {
    ...verdict,
    severity: told ? (verdict.severity === 'medium' ? 'medium' : 'low') : 'info',
    sentence:
      ordinary !== undefined || watchedMs >= leastHistoryMs
        ? `${verdict.sentence} By ${basis} the like comes ${rarityInWords(onceInMs)}.`
        : `${verdict.sentence} How rare that is for it cannot be said yet.`,
  };
}

/** What a source is held against beside the workload's own history. */
function ordinaryOf(source: AlarmSource): string | undefined {
  if (source === 'names') return 'ordinary names';
  return source === 'rare-calls' ? 'what ordinary programs call' : undefined;
}

/** To whole hours, or minutes where there are none. */
function roundly(span: Milliseconds): Milliseconds {
  const unit = span >= hourMs ? hourMs : 60_000;
  return Math.round(span / unit) * unit;
}

/** Once in 3 days. */
export function rarityInWords(onceInMs: Milliseconds): string {
  if (onceInMs >= 365 * dayMs) return 'less than once a year';
  if (onceInMs >= 2 * dayMs) return `once in ${Math.round(onceInMs / dayMs)} days`;
  return `once in ${spanInWords(roundly(Math.max(60_000, onceInMs)))}`;
}
