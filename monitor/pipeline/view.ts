import type { EngineAbout } from '../engine/port.ts';
import type { Containment } from '../model/containment.ts';
import type { Coverage } from '../model/coverage.ts';
import { severities, type Finding } from '../model/finding.ts';
import type { ResourceObservation } from '../model/observation.ts';
import type { Moment } from '../model/time.ts';
import type { Workload } from '../model/workload.ts';
import type { Learning } from '../detect/learning.ts';
import type { EngineView, LearningView, WorkloadView } from '../rpc/service/service.ts';

/** The engine as drivers are shown it. */
export function engineView(about: EngineAbout): EngineView {
  return { ...about };
}

/** Learning as drivers are shown it: until when, if the container goes on running. */
export function learningView(
  learning: Learning | undefined,
  learnedSince: Moment | undefined,
  now: Moment,
): LearningView {
  if (learning?.state === 'learned') return { state: 'learned', since: learnedSince ?? now };
  return { state: 'learning', until: now + (learning?.leftMs ?? 0) };
}

/** One container as drivers are shown it. */
export function workloadView(parts: {
  readonly workload: Workload;
  readonly resource: ResourceObservation | undefined;
  readonly coverage: readonly Coverage[];
  readonly learning: LearningView;
  readonly findings: readonly Finding[];
  readonly containment: Containment | undefined;
}): WorkloadView {
  let worst: Finding['severity'] | undefined;
  for (const { severity } of parts.findings) {
    if (worst === undefined || severities.indexOf(severity) > severities.indexOf(worst)) {
      worst = severity;
    }
  }
  return { ...parts, findings: { open: parts.findings.length, worst } };
}
