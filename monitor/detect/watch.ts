import type { Finding } from '../model/finding.ts';
import type { ContainerObservation, ResourceObservation } from '../model/observation.ts';
import type { Milliseconds, Moment } from '../model/time.ts';
import { breakSeries, setFrozen, type ContainerWatch } from './container-watch.ts';
import { watchOn } from './budget/alarm-budget.ts';
import { ruledVerdict } from './budget/ruled-verdict.ts';
import { judgeNameAlarm } from './dns/name-alarm.ts';
import { judgeDrift } from './drift.ts';
import { judgeFirstContacts } from './egress/first-contact.ts';
import { noteWatched } from './egress/learned-places.ts';
import { judgeVolumes, mainPlace } from './egress/place-volume.ts';
import { judgeReach } from './egress/reach.ts';
import { judgeEscapes, noteRareCall } from './escape-attempt.ts';
import { judgeProcesses, processesNeedAttention, restartProcessRise } from './fork-bomb.ts';
import { rangeOf, type LearnedBaseline } from './learned.ts';
import { isMistrusted, learn, learningOf } from './learning.ts';
import { judgeLevel, type LevelVerdict } from './level-shift.ts';
import { judgeLifecycle, noteLifecycle } from './lifecycle.ts';
import { judgeMemory, memoryNeedsAttention, restartRise } from './memory-runaway.ts';
import { floodNeedsAttention, judgeFlood } from './network-flood.ts';
import { closeFindings, followVerdicts, holdFindings, mistrustedSince } from './open-findings.ts';
import { hearPerson } from './persons-word.ts';
import { createPortScan, judgePortScan } from './port-scan.ts';
import { judgeProcessBurst } from './process-burst.ts';
import { remember } from './recent.ts';
import { judgeRestless } from './restless-cpu.ts';
import { gatherSecond, type Second } from './second.ts';
import type { SeriesName } from './series.ts';
import type { DetectSettings } from './settings.ts';
import { pairOf } from './starts/odd-parent.ts';
import { judgeStarts, noteStart } from './starts/start-watch.ts';
import { judgeStillWork } from './sustained-cpu.ts';
import { judgeUpload } from './sustained-upload.ts';
import { stepCalls } from './step-calls.ts';
import { stepEgress } from './step-egress.ts';
import { stepTogether } from './step-together.ts';
import { noteEntry, noteStarted } from './syscalls/call-alarm.ts';
import { noteLook } from './together/together-alarm.ts';
import { withMore, type Verdict } from './verdict.ts';

/** What one observation led to. */
export interface StepResult {
  readonly findings: readonly Finding[];
  /** True while a closer look would pay: the sampler may go faster for a while. */
  readonly attention: boolean;
}

/** A longer silence than this breaks every series. */
const gapMs: Milliseconds = 12_000;

const nothing: StepResult = { findings: [], attention: false };

/**
 * Takes one observation of the container. Deterministic in the order of observations; reads no clock.
 * `baseline` is that of the container's workload and is learned into.
 */
export function stepWatch(
  watch: ContainerWatch,
  baseline: LearnedBaseline,
  observation: ContainerObservation,
  settings: DetectSettings,
): StepResult {
  switch (observation.kind) {
    case 'resource':
      return watch.frozen ? nothing : stepResource(watch, baseline, observation, settings);
    case 'lifecycle': {
      const { event } = observation;
      if (event.name === 'pause') setFrozen(watch, baseline, true);
      if (event.name === 'unpause' || event.name === 'start') thaw(watch, baseline, observation.at);
      if (event.name === 'die') return endRun(watch, baseline, observation.at);
      if (event.name === 'start' || event.name === 'exec') noteEntry(watch.calls, observation.at);
      const learning = learningOf(baseline, settings).state === 'learning';
      noteLifecycle(watch.lifecycle, observation, baseline, learning);
      return tell(watch, judgeEvents(watch, observation.at), observation.at, false);
    }
    case 'control': {
      const { event } = observation;
      if (event.name === 'paused' || event.name === 'contained') setFrozen(watch, baseline, true);
      if (event.name === 'resumed' || event.name === 'released') {
        thaw(watch, baseline, observation.at);
      }
      hearPerson(watch, baseline, event);
      return nothing;
    }
    case 'coverage':
      if (
        observation.coverage.sensor === 'resource' &&
        observation.coverage.sight.state === 'blind'
      ) {
        breakSeries(watch, baseline);
      }
      noteWatched(baseline.profile.places, observation);
      return nothing;
    case 'egress':
      noteLook(watch.together, observation);
      if (!stepEgress(watch, baseline, observation, settings)) return nothing;
      return tell(watch, judgeEvents(watch, observation.at), observation.at, false);
    case 'rare-call': {
      const isGrave = noteRareCall(watch.escapes, observation, {
        learned: baseline.starts,
        isLearned: learningOf(baseline, settings).state === 'learned',
        lineage: watch.starts.lineage,
        history: baseline.profile.escapes,
        watchedMs: baseline.profile.calls.watchedMs,
      });
      return tell(watch, judgeEvents(watch, observation.at), observation.at, isGrave);
    }
    case 'process-start': {
      const learned = learningOf(baseline, settings).state === 'learned';
      const isTrusted = mistrustedSince(watch.findings, observation.at) === undefined;
      const { starts } = baseline;
      const pair = pairOf(observation);
      noteStarted(watch.calls, observation.at, !starts.pairs.has(pair));
      const isGrave = noteStart(watch.starts, observation, starts, learned, isTrusted, pair);
      return tell(watch, judgeEvents(watch, observation.at), observation.at, isGrave);
    }
    case 'syscalls': {
      if (watch.frozen) return nothing;
      const verdicts = stepCalls(watch, baseline, observation, settings);
      return verdicts.length === 0 ? nothing : tell(watch, verdicts, observation.at, false);
    }
    case 'process':
      return nothing;
  }
}

/** Time begins to pass for it again: what was found before goes on, or closes as ever. */
function thaw(watch: ContainerWatch, baseline: LearnedBaseline, at: Moment): void {
  if (watch.frozen) holdFindings(watch.findings, at);
  setFrozen(watch, baseline, false);
}

/** The container is gone: its findings close. */
export function endWatch(watch: ContainerWatch, at: Moment): readonly Finding[] {
  return closeFindings(watch.findings, at);
}

/**
 * Lets time pass for a container of which nothing has been seen for a while: findings about single
 * events close. One that is frozen keeps its findings.
 */
export function passTime(watch: ContainerWatch, at: Moment): StepResult {
  if (watch.frozen || watch.findings.open.size === 0) return nothing;
  if (watch.lastAt !== undefined && at - watch.lastAt <= gapMs) return nothing;
  return tell(watch, judgeEvents(watch, at), at, false);
}

/** What holds because of single events, and runs out by itself. */
function judgeEvents(watch: ContainerWatch, at: Moment): readonly Verdict[] {
  let verdicts = judgeLifecycle(watch.lifecycle, at);
  verdicts = withMore(verdicts, judgeEscapes(watch.escapes, at));
  verdicts = withMore(verdicts, judgeStarts(watch.starts, at));
  verdicts = withMore(verdicts, judgeNameAlarm(watch.names, at));
  verdicts = withMore(verdicts, judgePortScan(watch.scan, at));
  verdicts = withMore(verdicts, judgeReach(watch.reach, at));
  verdicts = withMore(verdicts, judgeFirstContacts(watch.contacts, at));
  return withMore(verdicts, judgeVolumes(watch.volumes, at));
}

/** Its processes ended: what they did is over. Restart loops and the like run out by themselves. */
function endRun(watch: ContainerWatch, baseline: LearnedBaseline, at: Moment): StepResult {
  watch.frozen = false;
  breakSeries(watch, baseline);
  watch.escapes.attempts.clear();
  watch.escapes.unseen = undefined;
  watch.starts.held.clear();
  watch.names.held.clear();
  watch.starts.lineage.clear();
  watch.scan = createPortScan();
  watch.reach.held.clear();
  watch.contacts.held.clear();
  const kept = judgeLifecycle(watch.lifecycle, at);
  const closed = closeFindings(watch.findings, at, kept);
  const told = tell(watch, kept, at, false);
  return { findings: [...closed, ...told.findings], attention: false };
}

function stepResource(
  watch: ContainerWatch,
  baseline: LearnedBaseline,
  observation: ResourceObservation,
  settings: DetectSettings,
): StepResult {
  const { at } = observation;
  const gap = watch.lastAt !== undefined && (at <= watch.lastAt || at - watch.lastAt > gapMs);
  if (gap) breakSeries(watch, baseline);
  if (watch.lastAt === undefined) {
    // The start of a series is where rises begin; without it the first value would be one.
    restartRise(watch.memory, at, observation.anonymousBytes, rangeOf(baseline, 'memory').top);
    restartProcessRise(watch.processes, at, observation.pids, rangeOf(baseline, 'processes').top);
    holdFindings(watch.findings, at);
  }
  watch.lastAt = at;

  const learned = learningOf(baseline, settings).state === 'learned';
  const processTop = rangeOf(baseline, 'processes').top;
  const verdicts: Verdict[] = [];
  hold(verdicts, judgeMemory(watch.memory, observation, rangeOf(baseline, 'memory').top));
  const multiplied = judgeProcesses(watch.processes, observation, processTop);
  hold(verdicts, multiplied ?? judgeProcessBurst(observation, processTop));
  hold(verdicts, judgeFlood(watch.flood, watch.recent, observation, baseline));
  const second = gatherSecond(watch.second, observation);
  if (second !== undefined) {
    remember(watch.recent, second);
    // What is usual is followed from the first second, and not while something is wrong.
    const learns = mistrustedSince(watch.findings, at) === undefined;
    const how = { learning: !learned, learns, findings: watch.findings };
    const upload = judgeUpload(watch.upload, watch.recent, second, baseline, how);
    if (upload !== undefined) verdicts.push(withPlace(watch, upload));
    const levels: { readonly source: SeriesName; readonly found: LevelVerdict }[] = [];
    for (const level of watch.levels) {
      const found = judgeLevel(level, watch.recent, second, baseline, learns);
      if (found !== undefined) levels.push({ source: level.series, found });
    }
    const restless = judgeRestless(watch.restless, watch.recent, second, baseline, (moment) =>
      isMistrusted(watch, moment),
    );
    const together = stepTogether(watch, baseline, at, { learned, learns });
    if (learned) {
      judgeBySecond(watch, baseline, second, verdicts);
      const { budget } = baseline.profile;
      watchOn(budget, second.intervalMs);
      for (const { source, found } of levels) {
        const { strength, verdict } = found;
        verdicts.push(ruledVerdict(budget, { source, strength, at }, verdict));
      }
      if (restless !== undefined) {
        const { strength, verdict } = restless;
        verdicts.push(ruledVerdict(budget, { source: 'cpu', strength, at }, verdict));
      }
    }
    hold(verdicts, together);
    verdicts.push(...judgeEvents(watch, at));
    learn(watch, baseline, second, learned, settings.learnMs);
  }
  const attention =
    memoryNeedsAttention(watch.memory, observation) ||
    processesNeedAttention(watch.processes, observation.pids) ||
    floodNeedsAttention(watch.flood);
  return tell(watch, verdicts, at, attention);
}

function hold(verdicts: Verdict[], verdict: Verdict | undefined): void {
  if (verdict !== undefined) verdicts.push(verdict);
}

/** Says where an upload goes, where egress is seen. */
function withPlace({ volumes, upload }: ContainerWatch, verdict: Verdict): Verdict {
  const place = mainPlace(volumes, upload);
  if (place === undefined) return verdict;
  return { ...verdict, sentence: `${verdict.sentence} Most of it goes to ${place}.` };
}

/** What is judged by the workload's own history. */
function judgeBySecond(
  watch: ContainerWatch,
  baseline: LearnedBaseline,
  second: Second,
  verdicts: Verdict[],
): void {
  hold(verdicts, judgeStillWork(watch.still, watch.recent, second, baseline));
  for (const drift of watch.drifts) hold(verdicts, judgeDrift(drift, second, baseline));
}

function tell(
  watch: ContainerWatch,
  verdicts: readonly Verdict[],
  at: Moment,
  attention: boolean,
): StepResult {
  // What is open no more because its container ended is followed once more: it is learned again.
  const isQuiet = watch.findings.open.size === 0 && watch.mistrust?.until !== Infinity;
  if (verdicts.length === 0 && isQuiet) {
    return attention ? { findings: [], attention } : nothing;
  }
  // Something may be seen of one that is frozen: its network is looked at, it is renamed.
  if (watch.frozen) holdFindings(watch.findings, at);
  const findings = followVerdicts(watch.findings, verdicts, at);
  const since = mistrustedSince(watch.findings, at);
  if (since !== undefined) {
    // The clock may have been set back since the onset.
    const from = Math.min(at, since, watch.mistrust?.from ?? since);
    watch.mistrust = { from, until: Infinity };
  } else if (watch.mistrust?.until === Infinity) {
    watch.mistrust.until = at;
  }
  return { findings, attention };
}
