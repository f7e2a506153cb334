import {
  beginContainer,
  createDetection,
  learningOfWorkload,
  passTimeForAll,
  stepDetection,
} from '../../../monitor/detect/detection.ts';
import { atLeast, type Finding } from '../../../monitor/model/finding.ts';
import type { ContainerObservation } from '../../../monitor/model/observation.ts';
import type { Milliseconds } from '../../../monitor/model/time.ts';
import { stitchedWork } from './stitched-work.ts';
import type { WorkRecording } from './work-recording.ts';

/** What replaying work for days came to. */
export interface ReplayedDays {
  /** Findings above info of workloads that were learned, and how long after the beginning. */
  readonly alarms: readonly { readonly finding: Finding; readonly afterMs: Milliseconds }[];
  /** Of time after learning. */
  readonly containerDays: number;
}

/** From look to look at the machine, which lets time pass for all containers. */
const hostMs = 30_000;

/**
 * Hands the stitched work of all containers to one set of detectors, in the order of time, `hours` of
 * each, at a budget of `alarmsPerDay` false alarms of one container and day.
 */
export async function replayForDays(
  { head, containers }: WorkRecording,
  options: {
    readonly alarmsPerDay: number;
    readonly hours: number;
    readonly random: () => number;
    readonly signal: AbortSignal;
  },
): Promise<ReplayedDays> {
  const start = head.startedAt;
  const end = start + options.hours * 3_600_000;
  const detection = createDetection(head);
  const streams = containers.map((work) => {
    const { workload, container } = work;
    beginContainer(detection, workload, container, undefined, []);
    stepDetection(detection, {
      kind: 'control',
      at: start,
      workload,
      container,
      event: { name: 'budget-changed', alarmsPerDay: options.alarmsPerDay },
    });
    const stream = stitchedWork(work, start, options.random);
    return {
      workload,
      stream,
      next: stream.next().value,
      learnedAt: undefined as number | undefined,
    };
  });
  const alarms = new Map<string, { finding: Finding; afterMs: Milliseconds }>();
  const learnedAt = new Map<string, number>();

  function tell(findings: readonly Finding[]): void {
    for (const finding of findings) {
      const isAlarm = atLeast(finding.severity, 'low') && finding.status === 'open';
      if (!isAlarm || !learnedAt.has(finding.workload) || alarms.has(finding.id)) continue;
      alarms.set(finding.id, { finding, afterMs: finding.at - start });
    }
  }

  function step(observation: ContainerObservation): void {
    tell(stepDetection(detection, observation).findings);
    const { workload, at } = observation;
    if (learnedAt.has(workload)) return;
    if (learningOfWorkload(detection, workload)?.state === 'learned') learnedAt.set(workload, at);
  }

  let hostAt = start;
  for (;;) {
    let first = streams[0];
    for (const stream of streams)
      if (first === undefined || stream.next.at < first.next.at) first = stream;
    if (first === undefined || first.next.at >= end) break;
    if (first.next.at >= hostAt) {
      hostAt += hostMs;
      tell(passTimeForAll(detection, hostAt));
      options.signal.throwIfAborted();
      // So that an interruption is heard.
      await new Promise((resolve) => setImmediate(resolve));
    }
    step(first.next);
    first.next = first.stream.next().value;
  }
  let judgedMs = 0;
  for (const at of learnedAt.values()) judgedMs += end - at;
  return { alarms: [...alarms.values()], containerDays: judgedMs / 86_400_000 };
}
