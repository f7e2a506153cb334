import type { Finding } from '../model/finding.ts';
import type { ContainerObservation } from '../model/observation.ts';
import type { Moment } from '../model/time.ts';
import type { ContainerId, WorkloadKey } from '../model/workload.ts';
import { countBeside, defaultAlarmsPerDay } from './budget/alarm-budget.ts';
import { createContainerWatch, type ContainerWatch } from './container-watch.ts';
import { remembersVolume } from './egress/place-volume.ts';
import { partsOf, sourceOf } from './finding-source.ts';
import { createBaseline, type LearnedBaseline } from './learned.ts';
import {
  copyCores,
  createProfile,
  createProfileAfter,
  type Profile,
  type OwnCores,
} from './profile.ts';
import { learningOf, type Learning } from './learning.ts';
import { takeAlarms } from './open-findings.ts';
import type { DetectSettings } from './settings.ts';
import { hearOfBudget } from './persons-word.ts';
import { remembersUpload, uploadSeries } from './sustained-upload.ts';
import { endWatch, passTime, stepWatch, type StepResult } from './watch.ts';

/** The state of the detectors over all containers. Containers of one workload share a baseline. */
export interface Detection {
  readonly settings: DetectSettings;
  readonly watches: Map<ContainerId, ContainerWatch>;
  readonly baselines: Map<WorkloadKey, LearnedBaseline>;
}

/** No container, nothing learned. */
export function createDetection(settings: DetectSettings): Detection {
  return { settings, watches: new Map(), baselines: new Map() };
}

/**
 * Takes a container in. `learned` is the stored baseline of its workload, used unless another
 * container of the workload has brought one already; `open` are its findings from an earlier run;
 * `sibling` is what is known of another workload of the image, used where there is no baseline.
 */
export function beginContainer(
  detection: Detection,
  workload: WorkloadKey,
  container: ContainerId,
  learned: LearnedBaseline | undefined,
  open: readonly Finding[],
  sibling?: Profile,
): void {
  if (!detection.baselines.has(workload)) {
    detection.baselines.set(workload, learned ?? newBaseline(detection.settings, sibling));
  }
  if (!detection.watches.has(container)) {
    const own = coresFor(detection, workload);
    const watch = createContainerWatch(workload, container, open, own?.cores, own?.together);
    detection.watches.set(container, watch);
  }
}

function newBaseline(settings: DetectSettings, sibling: Profile | undefined): LearnedBaseline {
  const { alarmsPerDay } = settings;
  return createBaseline(
    sibling === undefined
      ? createProfile(alarmsPerDay)
      : createProfileAfter(sibling, alarmsPerDay ?? defaultAlarmsPerDay),
  );
}

/** The workload's own for the first of its containers; others have a copy, so as not to mix them. */
function coresFor(detection: Detection, workload: WorkloadKey): OwnCores | undefined {
  const profile = detection.baselines.get(workload)?.profile;
  if (profile === undefined) return undefined;
  for (const watch of detection.watches.values()) {
    if (watch.levels.some(({ core, series }) => core === profile.cores[series]))
      return copyCores(profile);
  }
  return profile;
}

/**
 * Takes one observation; one of a container that was never taken in leads to nothing. What a person says
 * of an alarm counts for its workload though the container is gone.
 */
export function stepDetection(detection: Detection, observation: ContainerObservation): StepResult {
  const watch = detection.watches.get(observation.container);
  const baseline = detection.baselines.get(observation.workload);
  if (watch === undefined || baseline === undefined) {
    if (baseline !== undefined && observation.kind === 'control') {
      hearOfBudget(baseline.profile.budget, observation.event);
    }
    return { findings: [], attention: false };
  }
  const result = stepWatch(watch, baseline, observation, detection.settings);
  if (result.findings.length > 0) {
    for (const id of takeAlarms(watch.findings)) {
      // The others were counted as they were ruled on.
      if (sourceOf(id) === undefined) countBeside(baseline.profile.budget);
    }
  }
  return result;
}

/** Lets time pass for all containers, as a look at the machine (a `host` observation) does. */
export function passTimeForAll(detection: Detection, at: Moment): readonly Finding[] {
  const findings: Finding[] = [];
  for (const watch of detection.watches.values()) findings.push(...passTime(watch, at).findings);
  return findings;
}

/**
 * Lets a container go: its findings close. The workload's baseline goes with its last container;
 * it is returned then, to be stored.
 */
export function endContainer(
  detection: Detection,
  workload: WorkloadKey,
  container: ContainerId,
  at: Moment,
): { readonly findings: readonly Finding[]; readonly baseline: LearnedBaseline | undefined } {
  const watch = detection.watches.get(container);
  detection.watches.delete(container);
  const findings = watch === undefined ? [] : endWatch(watch, at);
  for (const other of detection.watches.values()) {
    if (other.findings.workload === workload) return { findings, baseline: undefined };
  }
  const baseline = detection.baselines.get(workload);
  detection.baselines.delete(workload);
  return { findings, baseline };
}

/** How far the workload has been learned; undefined for one that is not watched. */
export function learningOfWorkload(
  detection: Detection,
  workload: WorkloadKey,
): Learning | undefined {
  const baseline = detection.baselines.get(workload);
  return baseline === undefined ? undefined : learningOf(baseline, detection.settings);
}

/**
 * Whether a finding, though it is over, can still be learned as normal: of uploads the detectors know
 * what they told of, since most are over before a person answers.
 */
export function isRemembered(
  detection: Detection,
  { container, id }: Pick<Finding, 'container' | 'id'>,
): boolean {
  const watch = detection.watches.get(container);
  const { kind, series, onsetAt } = partsOf(id);
  if (watch === undefined || kind !== 'sustained-upload') return false;
  return series === uploadSeries
    ? remembersUpload(watch.upload, onsetAt)
    : remembersVolume(watch.volumes, { series, onsetAt });
}

/** The open findings of a container. */
export function openFindingsOf(detection: Detection, container: ContainerId): readonly Finding[] {
  const watch = detection.watches.get(container);
  return watch === undefined ? [] : [...watch.findings.open.values()].map(({ finding }) => finding);
}
