import type { Containment } from '../model/containment.ts';
import type { Moment } from '../model/time.ts';
import { momentInWords } from './time-words.ts';
import type { ContainerDetail } from '../engine/port.ts';
import type { ContainerId, Workload, WorkloadKey } from '../model/workload.ts';

/** The container that is acted on: always by its full id, so that a namesake is never hit. */
export interface Subject {
  readonly container: ContainerId;
  readonly workload: WorkloadKey;
  /** Untrusted text. */
  readonly name: string;
  /** When it had been started, as known when the action was asked for; undefined: not known. */
  readonly startedAt: Moment | undefined;
}

/** The subject of an action on a workload. */
export function subjectOf(workload: Workload): Subject {
  return {
    container: workload.container,
    workload: workload.key,
    name: workload.name,
    startedAt: workload.startedAt,
  };
}

/** The subject of an action on what is held already. */
export function subjectOfContainment(containment: Containment): Subject {
  return {
    container: containment.container,
    workload: containment.workload,
    name: containment.name,
    startedAt: undefined,
  };
}

/** True for a full container id: 64 hexadecimal digits in lower case. */
export function isFullId(container: ContainerId): boolean {
  return /^[0-9a-f]{64}$/.test(container);
}

/** Adds to `remarks`, once, that the container was started again since the action was asked for. */
export function remarkRestart(subject: Subject, detail: ContainerDetail, remarks: string[]): void {
  const { startedAt } = detail.workload;
  if (subject.startedAt === undefined || startedAt === undefined) return;
  // Two ways of reading the same time may differ in the last digit.
  if (Math.abs(startedAt - subject.startedAt) <= 1) return;
  const remark = `It was started again at ${momentInWords(startedAt)}, after what led to this; it is the same container.`;
  if (!remarks.includes(remark)) remarks.push(remark);
}
