import type { SyscallsObservation } from '../model/observation.ts';
import type { ContainerWatch } from './container-watch.ts';
import type { LearnedBaseline } from './learned.ts';
import { isMistrusted, learningOf } from './learning.ts';
import { mistrustedSince } from './open-findings.ts';
import type { DetectSettings } from './settings.ts';
import { isPassedOver, judgeCallAlarm } from './syscalls/call-alarm.ts';
import { judgeCallMix, passCallMix } from './syscalls/call-mix.ts';
import { judgeUnseenCalls, noteUnseenCalls } from './unseen-calls.ts';
import type { Verdict } from './verdict.ts';

/** What the system calls of one interval lead to, of a container that is not frozen. */
export function stepCalls(
  watch: ContainerWatch,
  baseline: LearnedBaseline,
  observation: SyscallsObservation,
  settings: DetectSettings,
): readonly Verdict[] {
  const { at } = observation;
  watch.escapes.unseen = noteUnseenCalls(watch.escapes.unseen, observation);
  const unusual = judgeCallAlarm(watch.calls, baseline.profile, observation, {
    learnMs: settings.learnMs,
    learns: mistrustedSince(watch.findings, at) === undefined,
  });
  const mix = stepMix(watch, baseline, observation, settings);
  const hidden = judgeUnseenCalls(watch.escapes.unseen, at);
  if (unusual === undefined && mix === undefined) return hidden;
  return [unusual, mix, ...hidden].filter((verdict) => verdict !== undefined);
}

function stepMix(
  watch: ContainerWatch,
  baseline: LearnedBaseline,
  observation: SyscallsObservation,
  settings: DetectSettings,
): Verdict | undefined {
  const { at, intervalMs } = observation;
  if (isPassedOver(watch.calls, at - intervalMs, at)) {
    passCallMix(watch.mix, at);
    return undefined;
  }
  return judgeCallMix(watch.mix, baseline.profile, observation, {
    learning: learningOf(baseline, settings).state === 'learning',
    mistrusted: (moment) => isMistrusted(watch, moment),
    unfamiliarAt: watch.calls.unfamiliarAt,
  });
}
