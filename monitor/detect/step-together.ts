import type { Milliseconds, Moment } from '../model/time.ts';
import { ruledVerdict } from './budget/ruled-verdict.ts';
import type { ContainerWatch } from './container-watch.ts';
import type { LearnedBaseline } from './learned.ts';
import { takeOutwardCalls } from './syscalls/call-mix.ts';
import { judgeTogetherAlarm } from './together/together-alarm.ts';
import { tellTogether } from './together/together-sentence.ts';
import type { Verdict } from './verdict.ts';

/**
 * What all senses of a container say together, asked when the resource series have been asked for the
 * latest five seconds. `learned`: whether the workload is known, so that anything is told at all.
 */
export function stepTogether(
  watch: ContainerWatch,
  baseline: LearnedBaseline,
  at: Moment,
  { learned, learns }: { readonly learned: boolean; readonly learns: boolean },
): Verdict | undefined {
  const { together, levels, restless, mix, recent } = watch;
  // CPU is always seen.
  if (levels[0]?.summed === 0) {
    const isHeld = isFoundOtherwise(watch);
    const rate = takeOutwardCalls(mix);
    judgeTogetherAlarm(together, { levels, restless, mix, rate, baseline, at, learns, isHeld });
  }
  const { found, core } = together;
  if (found === undefined || !learned) return undefined;
  const ownMs: Milliseconds = core.watchedMs;
  const verdict = ruledVerdict(
    baseline.profile.budget,
    { source: 'together', strength: found.strength, at, ownMs },
    tellTogether(together, found, { recent, restless, mix, baseline, at }),
  );
  together.told ||= verdict.severity !== 'info';
  return verdict;
}

/** Whether a finding is open that says already what is wrong: one incident is one alarm. */
function isFoundOtherwise({ findings }: ContainerWatch): boolean {
  for (const { finding, acknowledged } of findings.open.values()) {
    if (acknowledged || finding.severity === 'info' || finding.kind === 'several-senses') continue;
    return true;
  }
  return false;
}
