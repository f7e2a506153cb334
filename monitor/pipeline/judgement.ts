import {
  beginContainer,
  endContainer,
  isRemembered,
  learningOfWorkload,
  openFindingsOf,
  passTimeForAll,
  stepDetection,
  type Detection,
} from '../detect/detection.ts';
import type { StepResult } from '../detect/watch.ts';
import { outlookOf, type AlarmOutlook } from '../detect/budget/alarm-outlook.ts';
import { hearOfBudget } from '../detect/persons-word.ts';
import { imagePrefixOf, packProfile, type Profile } from '../detect/profile.ts';
import { usualRange } from '../detect/learned.ts';
import { learningOf, type Learning } from '../detect/learning.ts';
import type { SeriesName } from '../detect/series.ts';
import type { Finding } from '../model/finding.ts';
import type { ContainerObservation, ControlObservation } from '../model/observation.ts';
import type { Moment } from '../model/time.ts';
import type { ContainerId, Workload, WorkloadKey } from '../model/workload.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Store } from '../record/store.ts';
import type { Losses } from './losses.ts';
import { noRecording, type Recording } from './recording/recording.ts';
import { fromStored, toStored } from './baseline/stored-baseline.ts';

/** The detectors, with what they learned kept in the record. */
export interface Judgement {
  begin(workload: Workload): void;
  step(observation: ContainerObservation): StepResult;
  /** Findings that close because time passes. */
  passTime(at: Moment): readonly Finding[];
  /** The container is gone; the findings that close with it. */
  end(workload: Workload, at: Moment): readonly Finding[];
  learning(workload: WorkloadKey): Learning | undefined;
  open(container: ContainerId): readonly Finding[];
  /** Whether a finding that is over can still be learned as normal. */
  isRemembered(finding: Pick<Finding, 'container' | 'id'>): boolean;
  /** What 99 of 100 seconds of a series lie in; undefined while the workload is not learned. */
  usual(
    workload: WorkloadKey,
    series: SeriesName,
  ): { readonly low: number; readonly high: number } | undefined;
  /** How the budget of false alarms stands for a workload that is watched. */
  outlook(workload: WorkloadKey): AlarmOutlook | undefined;
  /** Writes the baseline of one workload to the record. */
  keep(workload: WorkloadKey, at: Moment): void;
  /** Writes all baselines to the record. */
  save(at: Moment): void;
}

/** Baselines that are written in one transaction. */
const savedTogether = 25;

/** Over a detection and a store. What containers begin and end with goes into the recording. */
export function createJudgement(
  detection: Detection,
  store: Store,
  losses: Losses,
  logger: Logger,
  recording: Pick<Recording, 'add'> = noRecording,
): Judgement {
  function storedOf(workload: WorkloadKey) {
    if (detection.baselines.has(workload)) return undefined;
    const stored = store.baselines.get(workload);
    losses.check(stored);
    return stored.ok ? stored.value : undefined;
  }

  function restored(workload: WorkloadKey, stored = storedOf(workload)) {
    if (stored === undefined) return undefined;
    const baseline = fromStored(stored);
    if (baseline === undefined) {
      logger.warn(`What was learned of ${workload} is not readable; it is learned anew.`);
    }
    return baseline;
  }

  /** Another workload of the image: the one that is watched and known longest, else the last stored. */
  function siblingOf(workload: WorkloadKey): Profile | undefined {
    const prefix = imagePrefixOf(workload);
    if (prefix === undefined) return undefined;
    let longest: Profile | undefined;
    for (const [key, { profile }] of detection.baselines) {
      if (!key.startsWith(prefix)) continue;
      if (profile.calls.watchedMs >= (longest?.calls.watchedMs ?? 0)) longest = profile;
    }
    if (longest !== undefined) return longest;
    const stored = store.baselines.latestWith(prefix);
    losses.check(stored);
    if (!stored.ok || stored.value === undefined) return undefined;
    return fromStored(stored.value)?.profile;
  }

  /** What a person says of an alarm of a workload that is not watched now counts in the record. */
  function hearOfStored({ workload, event, at }: ControlObservation): void {
    if (event.name !== 'marked-false' && event.name !== 'unmarked-false') return;
    const baseline = restored(workload);
    if (baseline === undefined) return;
    hearOfBudget(baseline.profile.budget, event);
    losses.check(store.baselines.put(toStored(workload, baseline, at)));
  }

  function openBefore(workload: Workload): readonly Finding[] {
    const listed = store.findings.list({ status: 'open', workload: workload.key, limit: 100 });
    losses.check(listed);
    if (!listed.ok) return [];
    return listed.value
      .map(({ finding }) => finding)
      .filter(({ container }) => container === workload.container);
  }

  return {
    begin(workload) {
      const { key, container } = workload;
      if (detection.watches.has(container)) return;
      const stored = storedOf(key);
      const learned = restored(key, stored);
      const isNew = learned === undefined && !detection.baselines.has(key);
      const sibling = isNew ? siblingOf(key) : undefined;
      const open = openBefore(workload);
      recording.add({
        kind: 'begin',
        workload: key,
        container,
        learned: stored,
        open,
        sibling: sibling && packProfile(sibling),
      });
      beginContainer(detection, key, container, learned, open, sibling);
    },
    step(observation) {
      if (observation.kind === 'control' && !detection.baselines.has(observation.workload)) {
        hearOfStored(observation);
      }
      return stepDetection(detection, observation);
    },
    passTime: (at) => passTimeForAll(detection, at),
    end(workload, at) {
      recording.add({ kind: 'end', workload: workload.key, container: workload.container, at });
      const ended = endContainer(detection, workload.key, workload.container, at);
      if (ended.baseline !== undefined) {
        losses.check(store.baselines.put(toStored(workload.key, ended.baseline, at)));
      }
      return ended.findings;
    },
    learning: (workload) => learningOfWorkload(detection, workload),
    open: (container) => openFindingsOf(detection, container),
    isRemembered: (finding) => isRemembered(detection, finding),
    usual(workload, series) {
      const baseline = detection.baselines.get(workload) ?? restored(workload);
      if (baseline === undefined) return undefined;
      const isLearned = learningOf(baseline, detection.settings).state === 'learned';
      return isLearned ? usualRange(baseline, series) : undefined;
    },
    outlook(workload) {
      const baseline = detection.baselines.get(workload);
      return baseline && outlookOf(baseline.profile.budget);
    },
    keep(workload, at) {
      const baseline = detection.baselines.get(workload);
      if (baseline === undefined) return;
      losses.check(store.baselines.put(toStored(workload, baseline, at)));
    },
    save(at) {
      // All at once, a thousand of them would take a hundred megabytes for a moment.
      const all = [...detection.baselines];
      for (let first = 0; first < all.length; first += savedTogether) {
        const some = all.slice(first, first + savedTogether);
        const stored = some.map(([key, baseline]) => toStored(key, baseline, at));
        losses.check(store.baselines.putAll(stored));
      }
    },
  };
}
