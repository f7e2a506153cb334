import type { Finding } from '../model/finding.ts';
import type { Moment } from '../model/time.ts';
import type { ContainerId, WorkloadKey } from '../model/workload.ts';
import { createNameAlarm, type NameAlarm } from './dns/name-alarm.ts';
import { createDrift, restartDrift, type Drift } from './drift.ts';
import { createFirstContacts, type FirstContacts } from './egress/first-contact.ts';
import { createPlaceVolumes, type PlaceVolumes } from './egress/place-volume.ts';
import { createReach, type Reach } from './egress/reach.ts';
import { createEscapeState, type EscapeState } from './escape-attempt.ts';
import { createProcessRise, type ProcessRise } from './fork-bomb.ts';
import type { LearnedBaseline } from './learned.ts';
import { createLevelShift, restartLevel, type LevelShift } from './level-shift.ts';
import { createLifecycleState, type LifecycleState } from './lifecycle.ts';
import { createMemoryRise, type MemoryRise } from './memory-runaway.ts';
import { createUnanswered, type Unanswered } from './network-flood.ts';
import { createOpenFindings, type OpenFindings } from './open-findings.ts';
import { createPortScan, type PortScan } from './port-scan.ts';
import { createRecent, forget, type Recent } from './recent.ts';
import { createRestlessCpu, type RestlessCpu } from './restless-cpu.ts';
import { createSecondState, type SecondState } from './second.ts';
import { createCores, type SeriesCores } from './profile.ts';
import { seriesNames } from './series.ts';
import { createStartWatch, type StartWatch } from './starts/start-watch.ts';
import { createStillWork, type StillWork } from './sustained-cpu.ts';
import { createUpload, restartUpload, type Upload } from './sustained-upload.ts';
import { createTogetherCore, type TogetherCore } from './together/together-core.ts';
import {
  createTogetherAlarm,
  restartTogether,
  type TogetherAlarm,
} from './together/together-alarm.ts';
import { breakCallAlarm, createCallAlarm, type CallAlarm } from './syscalls/call-alarm.ts';
import { breakCallMix, createCallMix, type CallMix } from './syscalls/call-mix.ts';

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
  restless: RestlessCpu;
  readonly drifts: readonly Drift[];
  readonly levels: readonly LevelShift[];
  readonly lifecycle: LifecycleState;
  readonly escapes: EscapeState;
  readonly starts: StartWatch;
  readonly calls: CallAlarm;
  readonly mix: CallMix;
  readonly names: NameAlarm;
  scan: PortScan;
  readonly reach: Reach;
  readonly contacts: FirstContacts;
  readonly volumes: PlaceVolumes;
  readonly together: TogetherAlarm;
  /** Paused, by whomever: its standing still says nothing about it. */
  frozen: boolean;
  lastAt: Moment | undefined;
  /** The moment of the latest second that was learned or passed over. */
  learnedUntil: Moment;
  /** What was seen in this span is not learned. */
  mistrust: { from: Moment; until: Moment } | undefined;
}

/**
 * A container seen for the first time, or again after a restart with its `open` findings. `cores` are
 * what is known of its series and of all its senses `together`; they go on learning.
 */
export function createContainerWatch(
  workload: WorkloadKey,
  container: ContainerId,
  open: readonly Finding[] = [],
  cores: SeriesCores = createCores(),
  together: TogetherCore = createTogetherCore(),
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
    restless: createRestlessCpu(),
    drifts: [createDrift('memory'), createDrift('processes')],
    levels: seriesNames.map((name) => createLevelShift(name, cores[name], together.views[name])),
    lifecycle: createLifecycleState(),
    escapes: createEscapeState(),
    starts: createStartWatch(),
    calls: createCallAlarm(),
    mix: createCallMix(),
    names: createNameAlarm(),
    scan: createPortScan(),
    reach: createReach(),
    contacts: createFirstContacts(),
    volumes: createPlaceVolumes(),
    together: createTogetherAlarm(together),
    frozen: false,
    lastAt: undefined,
    learnedUntil: -Infinity,
    mistrust: undefined,
  };
}

/** While frozen nothing closes by itself; afterwards everything starts anew. */
export function setFrozen(watch: ContainerWatch, baseline: LearnedBaseline, frozen: boolean): void {
  if (watch.frozen === frozen) return;
  watch.frozen = frozen;
  breakSeries(watch, baseline);
}

/** Forgets what continues from reading to reading; what was found and learned stays. */
export function breakSeries(watch: ContainerWatch, baseline: LearnedBaseline): void {
  watch.second.pending = undefined;
  forget(watch.recent);
  watch.memory = createMemoryRise();
  watch.processes = createProcessRise();
  watch.flood = createUnanswered();
  watch.still = createStillWork();
  watch.upload = restartUpload(watch.upload, baseline);
  watch.restless = createRestlessCpu();
  for (const drift of watch.drifts) restartDrift(drift);
  for (const level of watch.levels) restartLevel(level);
  restartTogether(watch.together);
  breakCallAlarm(watch.calls);
  breakCallMix(watch.mix);
  watch.lastAt = undefined;
  // Nothing is kept that could be learned twice, and the clock may have been set back.
  watch.learnedUntil = -Infinity;
}
