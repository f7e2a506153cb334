import type { Finding } from '../model/finding.ts';
import type { ContainerObservation, ResourceObservation } from '../model/observation.ts';
import type { Milliseconds, Moment } from '../model/time.ts';
import type { ContainerId, WorkloadKey } from '../model/workload.ts';

import { noteBreach } from './egress-open.ts';
import { createDrift, judgeDrift, restartDrift, type Drift } from './drift.ts';
import {
  createProcessRise,
  judgeProcesses,
  processesNeedAttention,
  restartProcessRise,
  type ProcessRise,
} from './fork-bomb.ts';
import { rangeOf, type LearnedBaseline } from './learned.ts';
import { learn, learningOf } from './learning.ts';
import { createLevelShift, judgeLevel, type LevelShift } from './level-shift.ts';
import {
  createLifecycleState,
  judgeLifecycle,
  noteLifecycle,
  type LifecycleState,
} from './lifecycle.ts';
import {
  createMemoryRise,
  judgeMemory,
  memoryNeedsAttention,
  restartRise,
  type MemoryRise,
} from './memory-runaway.ts';
import {
  createUnanswered,
  floodNeedsAttention,
  judgeFlood,
  type Unanswered,
} from './network-flood.ts';
import {
  acknowledge,
  closeFindings,
  createOpenFindings,
  followVerdicts,
  holdFindings,
  mistrustedSince,
  type OpenFindings,
} from './open-findings.ts';
import { judgeProcessBurst } from './process-burst.ts';
import { createRecent, forget, remember, type Recent } from './recent.ts';
import { createSecondState, gatherSecond, type Second, type SecondState } from './second.ts';
import { seriesNames } from './series.ts';
import type { DetectSettings } from './settings.ts';
import { createStillWork, judgeStillWork, type StillWork } from './sustained-cpu.ts';
import { createUpload, judgeUpload, type Upload } from './sustained-upload.ts';
import type { Verdict } from './verdict.ts';

/** All that the detectors keep about one container. The step updates it in place. */
export interface ContainerWatch {
  readonly findings: OpenFindings;
  readonly second: SecondState;
  readonly recent: Recent;
  memory: MemoryRise;
  processes: ProcessRise;
  flood: Unanswered;
  still: StillWork;
  upload: Upload;
  readonly drifts: readonly Drift[];
  readonly levels: readonly LevelShift[];
  readonly lifecycle: LifecycleState;
  /** Paused, by whomever: its standing still says nothing about it. */
  frozen: boolean;
  lastAt: Moment | undefined;
  /** The moment of the latest second that was learned or passed over. */
  learnedUntil: Moment;
  /** What was seen in this span is not learned. */
  mistrust: { from: Moment; until: Moment } | undefined;
}

/** What one observation led to. */
export interface StepResult {
  readonly findings: readonly Finding[];
  /** True while a closer look would pay: the sampler may go faster for a while. */
  readonly attention: boolean;
}

/** A longer silence than this breaks every series. */
const gapMs: Milliseconds = 12_000;

const nothing: StepResult = { findings: [], attention: false };

/** A container seen for the first time, or again after a restart with its `open` findings. */
export function createContainerWatch(
  workload: WorkloadKey,
  container: ContainerId,
  open: readonly Finding[] = [],
): ContainerWatch {
  return {
    findings: createOpenFindings(workload, container, open),
    second: createSecondState(),
    recent: createRecent(),
    memory: createMemoryRise(),
    processes: createProcessRise(),
    flood: createUnanswered(),
    still: createStillWork(),
    upload: createUpload(),
    drifts: [createDrift('memory'), createDrift('processes')],
    levels: seriesNames.map(createLevelShift),
    lifecycle: createLifecycleState(),
    frozen: false,
    lastAt: undefined,
    learnedUntil: -Infinity,
    mistrust: undefined,
  };
}

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
      if (event.name === 'pause') setFrozen(watch, true);
      if (event.name === 'unpause' || event.name === 'start') setFrozen(watch, false);
      if (event.name === 'die') return endRun(watch, observation.at);
      const learning = learningOf(baseline, settings).state === 'learning';
      noteLifecycle(watch.lifecycle, observation, baseline, learning);
      return tell(watch, judgeLifecycle(watch.lifecycle, observation.at), observation.at, false);
    }
    case 'control': {
      const { event } = observation;
      if (event.name === 'paused' || event.name === 'contained') setFrozen(watch, true);
      if (event.name === 'resumed' || event.name === 'released') setFrozen(watch, false);
      if (event.name === 'acknowledged') acknowledge(watch.findings, event.finding);
      return nothing;
    }
    case 'coverage':
      if (
        observation.coverage.sensor === 'resource' &&
        observation.coverage.sight.state === 'blind'
      ) {
        breakSeries(watch);
      }
      return nothing;
    case 'egress':
      watch.lifecycle.egressBreach = noteBreach(watch.lifecycle.egressBreach, observation);
      if (observation.breach === undefined) return nothing;
      return tell(watch, judgeLifecycle(watch.lifecycle, observation.at), observation.at, false);
    case 'process':
      return nothing;
  }
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
  return tell(watch, judgeLifecycle(watch.lifecycle, at), at, false);
}

/** Its processes ended: what they did is over. Restart loops and the like run out by themselves. */
function endRun(watch: ContainerWatch, at: Moment): StepResult {
  watch.frozen = false;
  breakSeries(watch);
  const kept = judgeLifecycle(watch.lifecycle, at);
  const closed = closeFindings(watch.findings, at, kept);
  const told = tell(watch, kept, at, false);
  return { findings: [...closed, ...told.findings], attention: false };
}

/** While frozen nothing closes by itself; afterwards everything starts anew. */
function setFrozen(watch: ContainerWatch, frozen: boolean): void {
  if (watch.frozen === frozen) return;
  watch.frozen = frozen;
  breakSeries(watch);
}

function breakSeries(watch: ContainerWatch): void {
  watch.second.pending = undefined;
  forget(watch.recent);
  watch.memory = createMemoryRise();
  watch.processes = createProcessRise();
  watch.flood = createUnanswered();
  watch.still = createStillWork();
  watch.upload = createUpload();
  for (const drift of watch.drifts) restartDrift(drift);
  for (const level of watch.levels) {
    level.onsetAt = undefined;
    level.beyond = 0;
  }
  watch.lastAt = undefined;
}

function stepResource(
  watch: ContainerWatch,
  baseline: LearnedBaseline,
  observation: ResourceObservation,
  settings: DetectSettings,
): StepResult {
  const { at } = observation;
  const gap = watch.lastAt !== undefined && (at <= watch.lastAt || at - watch.lastAt > gapMs);
  if (gap) breakSeries(watch);
  if (watch.lastAt === undefined) {
    // The start of a series is where rises begin; without it the first value would be one.
    restartRise(watch.memory, at, observation.anonymousBytes, rangeOf(baseline, 'memory').top);
    restartProcessRise(watch.processes, at, observation.pids, rangeOf(baseline, 'processes').top);
    holdFindings(watch.findings, at);
  }
  watch.lastAt = at;

  const learned = learningOf(baseline, settings).state === 'learned';
  const processTop = rangeOf(baseline, 'processes').top;
  const verdicts: (Verdict | undefined)[] = [
    judgeMemory(watch.memory, observation, rangeOf(baseline, 'memory').top),
    judgeProcesses(watch.processes, observation, processTop) ??
      judgeProcessBurst(observation, processTop),
    judgeFlood(watch.flood, watch.recent, observation, baseline),
  ];
  const second = gatherSecond(watch.second, observation);
  if (second !== undefined) {
    remember(watch.recent, second);
    verdicts.push(judgeUpload(watch.upload, watch.recent, second, baseline, !learned));
    if (learned) judgeBySecond(watch, baseline, second, verdicts);
    verdicts.push(...judgeLifecycle(watch.lifecycle, at));
    learn(watch, baseline, second, learned, settings.learnMs);
  }
  const attention =
    memoryNeedsAttention(watch.memory, observation) ||
    processesNeedAttention(watch.processes, observation.pids) ||
    floodNeedsAttention(watch.flood);
  return tell(
    watch,
    verdicts.filter((verdict) => verdict !== undefined),
    at,
    attention,
  );
}

/** What is judged by the workload's own history. */
function judgeBySecond(
  watch: ContainerWatch,
  baseline: LearnedBaseline,
  second: Second,
  verdicts: (Verdict | undefined)[],
): void {
  verdicts.push(judgeStillWork(watch.still, watch.recent, second, baseline));
  for (const drift of watch.drifts) verdicts.push(judgeDrift(drift, second, baseline));
  for (const level of watch.levels) {
    verdicts.push(judgeLevel(level, watch.recent, second, baseline));
  }
}

function tell(
  watch: ContainerWatch,
  verdicts: readonly Verdict[],
  at: Moment,
  attention: boolean,
): StepResult {
  if (verdicts.length === 0 && watch.findings.open.size === 0) {
    return attention ? { findings: [], attention } : nothing;
  }
  const findings = followVerdicts(watch.findings, verdicts, at);
  const since = mistrustedSince(watch.findings);
  if (since !== undefined) {
    watch.mistrust = { from: Math.min(since, watch.mistrust?.from ?? since), until: Infinity };
  } else if (watch.mistrust?.until === Infinity) {
    watch.mistrust.until = at;
  }
  return { findings, attention };
}
