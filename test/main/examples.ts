import type { Action } from '../../monitor/model/action.ts';
import type { Decision } from '../../monitor/model/decision.ts';
import type { Finding } from '../../monitor/model/finding.ts';
import type { MonitorSnapshot, WorkloadView } from '../../monitor/rpc/service/service.ts';
import { createPicture } from '../../main/picture/picture.ts';
import type { Picture } from '../../main/picture/picture.ts';
import type { MonitorState } from '../../preload/shell.ts';

/** A container id whose digits are all the same. */
export const id = (digit: string): string => digit.repeat(64);

/** A moment. */
export const noon = Date.UTC(2026, 5, 1, 12);

/** A monitor that runs. */
export const running: MonitorState = { state: 'running', since: noon };

/** A watched container that runs, is learned and seen, with what the test changes of it. */
export function view(
  name: string,
  changes: Partial<WorkloadView> = {},
  workload: Partial<WorkloadView['workload']> = {},
): WorkloadView {
  return {
    workload: {
      key: `image ${name}`,
      container: id('a'),
      name,
      image: 'image',
      labels: {},
      composeProject: undefined,
      composeService: undefined,
      state: 'running',
      mainPid: 1,
      startedAt: noon,
      restartCount: 0,
      network: { kind: 'none' },
      limits: { memoryBytes: undefined, cpus: undefined, pids: undefined },
      runtime: 'runc',
      restartPolicy: 'no',
      ...workload,
    },
    resource: undefined,
    coverage: [{ sensor: 'resource', sight: { state: 'seeing' }, since: noon, dropped: 0 }],
    learning: { state: 'learned', since: noon },
    findings: { open: 0, worst: undefined },
    containment: undefined,
    ...changes,
  };
}

/** A containment of that depth. */
export function held(depth: 'frozen' | 'quarantined'): WorkloadView['containment'] {
  return {
    container: id('a'),
    workload: 'image',
    name: 'agent',
    depth,
    since: noon,
    undo: { pausedBySentra: true, networks: [], restartPolicy: undefined, limits: undefined },
    holes: [],
  };
}

/** A picture of these containers, on an engine that answers. */
export function pictureOf(
  views: readonly WorkloadView[],
  changes: Partial<MonitorSnapshot> = {},
): Picture {
  return createPicture(
    {
      at: noon,
      startedAt: noon,
      engine: undefined,
      connection: { state: 'connected', since: noon },
      simulated: false,
      policy: { source: 'built in', mode: 'observe', problems: [], loadedAt: noon },
      workloads: views,
      leftOut: 0,
      cost: { cpuCores: 0, residentBytes: 0 },
      losses: [],
      triage: { words: [], mutes: [] },
      ...changes,
    },
    [],
  );
}

/** An open finding about container a. */
export function finding(changes: Partial<Finding> = {}): Finding {
  return {
    id: 'finding-1',
    kind: 'fork-bomb',
    workload: 'image agent',
    container: id('a'),
    status: 'open',
    severity: 'critical',
    score: 1,
    onsetAt: noon,
    at: noon,
    sentence: 'Processes multiply.',
    evidence: [],
    technique: undefined,
    ...changes,
  };
}

/** What a rule made of it. */
export function decision(changes: Partial<Decision> = {}): Decision {
  return {
    id: 'decision-1',
    rule: 'contain runaways',
    finding: 'finding-1',
    workload: 'image agent',
    container: id('a'),
    mode: 'observe',
    actions: [{ kind: 'notify' }, { kind: 'pause' }],
    heldSince: noon,
    at: noon,
    ...changes,
  };
}

/** Something done to container a for that decision. */
export function action(changes: Partial<Action> = {}): Action {
  return {
    id: 'action-1',
    name: 'notify',
    workload: 'image agent',
    container: id('a'),
    requester: { kind: 'policy', decision: 'decision-1', rule: 'contain runaways' },
    startedAt: noon,
    finishedAt: noon,
    outcome: { state: 'proved', proof: 'Recorded.' },
    ...changes,
  };
}
