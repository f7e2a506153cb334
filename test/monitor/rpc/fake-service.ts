import type { Action } from '../../../monitor/model/action.ts';
import type { Finding } from '../../../monitor/model/finding.ts';
import type { ResourceObservation } from '../../../monitor/model/observation.ts';
import type { Workload } from '../../../monitor/model/workload.ts';
import {
  createBehaviourBook,
  type BehaviourBook,
} from '../../../monitor/pipeline/service/behaviour-book.ts';
import { createBehaviourService } from '../../../monitor/pipeline/service/behaviour-service.ts';
import { systemClock, type Clock } from '../../../monitor/runtime/clock.ts';
import { failed, ok } from '../../../monitor/runtime/result.ts';
import type { RecordRefusal } from '../../../monitor/rpc/service/service-history.ts';
import type {
  ActRequest,
  MonitorEvent,
  MonitorService,
  MonitorSnapshot,
  WorkloadView,
} from '../../../monitor/rpc/service/service.ts';
import { createFakeEgressService } from './fake-egress-service.ts';
import { createFakeWindowService } from './fake-window-service.ts';
import { resolveTarget } from '../../../monitor/rpc/target.ts';

/** 2026-03-01 14:03:22 UTC, when everything in the script happens. */
export const scriptTime = Date.UTC(2026, 2, 1, 14, 3, 22);

/** A container id that starts with the given digits. */
export function idOf(digits: string): string {
  return digits.padEnd(64, '0');
}

export function fakeWorkload(
  name: string,
  digits: string,
  change: Partial<Workload> = {},
): Workload {
  return {
    key: `agents/${name}`,
    container: idOf(digits),
    name,
    image: 'agents:latest',
    labels: {},
    composeProject: undefined,
    composeService: undefined,
    state: 'running',
    mainPid: 4242,
    startedAt: scriptTime - 3_600_000,
    restartCount: 0,
    network: { kind: 'own', networks: ['bridge'] },
    limits: { memoryBytes: 512 * 1024 ** 2, cpus: undefined, pids: undefined },
    runtime: 'runc',
    restartPolicy: 'no',
    ...change,
  };
}

export function fakeReading(
  workload: Workload,
  change: Partial<ResourceObservation> = {},
): ResourceObservation {
  return {
    kind: 'resource',
    at: scriptTime,
    workload: workload.key,
    container: workload.container,
    intervalMs: 1000,
    cpuCores: 0.123,
    throttledShare: 0,
    memoryBytes: 128 * 1024 ** 2,
    anonymousBytes: 100 * 1024 ** 2,
    cacheBytes: 28 * 1024 ** 2,
    memoryLimitBytes: 512 * 1024 ** 2,
    memoryLimited: true,
    faultsPerSecond: 12,
    pids: 17,
    pidsLimit: undefined,
    forksRefused: undefined,
    network: { receivedBytes: 2048, sentBytes: 512, receivedPackets: 4, sentPackets: 3 },
    block: undefined,
    carrier: 'cgroup',
    ...change,
  };
}

export function fakeView(workload: Workload, change: Partial<WorkloadView> = {}): WorkloadView {
  const since = scriptTime - 60_000;
  return {
    workload,
    resource: fakeReading(workload),
    coverage: [
      { sensor: 'resource', sight: { state: 'seeing' }, since, dropped: 0 },
      { sensor: 'lifecycle', sight: { state: 'seeing' }, since, dropped: 0 },
      { sensor: 'process', sight: { state: 'on-demand' }, since, dropped: 0 },
    ],
    learning: { state: 'learned', since },
    findings: { open: 0, worst: undefined },
    containment: undefined,
    ...change,
  };
}

export function fakeFinding(workload: Workload, change: Partial<Finding> = {}): Finding {
  return {
    id: `${workload.key}:sustained-cpu`,
    kind: 'sustained-cpu',
    workload: workload.key,
    container: workload.container,
    status: 'open',
    severity: 'high',
    score: 0.9,
    onsetAt: scriptTime - 5000,
    at: scriptTime,
    sentence: 'Has used 1.97 cores for 5 s; up to 0.20 is normal for it.',
    evidence: [
      {
        series: 'CPU',
        unit: 'cores',
        observed: 1.97,
        expected: { low: 0, high: 0.2 },
        recent: [{ at: scriptTime, value: 1.97 }],
      },
    ],
    technique: { id: 'T1496', name: 'Resource Hijacking' },
    ...change,
  };
}

export function fakeAction(workload: Workload, change: Partial<Action> = {}): Action {
  return {
    id: 'action-1',
    name: 'pause',
    workload: workload.key,
    container: workload.container,
    requester: { kind: 'person' },
    startedAt: scriptTime,
    finishedAt: scriptTime + 120,
    outcome: { state: 'proved', proof: 'The engine says it is paused, and it used no CPU time.' },
    ...change,
  };
}

export function fakeSnapshot(
  views: readonly WorkloadView[],
  change: Partial<MonitorSnapshot> = {},
): MonitorSnapshot {
  return {
    at: scriptTime,
    startedAt: scriptTime - 600_000,
    engine: {
      endpoint: 'unix:///var/run/docker.sock',
      source: 'usual socket',
      id: 'ENGINE-1',
      name: 'workshop',
      version: '27.3.1',
      apiVersion: '1.47',
      simulated: false,
      cgroupVersion: 2,
      hostMemoryBytes: 16 * 1024 ** 3,
      hostCpus: 8,
    },
    connection: { state: 'connected', since: scriptTime - 600_000 },
    simulated: false,
    policy: { source: 'built in', mode: 'observe', problems: [], loadedAt: scriptTime - 600_000 },
    workloads: views,
    leftOut: 0,
    cost: { cpuCores: 0.004, residentBytes: 71 * 1024 ** 2 },
    losses: [],
    triage: { words: [], mutes: [] },
    ...change,
  };
}

/** The time of the script, standing still. */
const stillClock: Clock = { ...systemClock, now: () => scriptTime };

/** A monitor whose state is set by the test and whose calls are written down. */
export interface FakeService extends MonitorService {
  state: MonitorSnapshot;
  knownFindings: readonly Finding[];
  knownActions: readonly Action[];
  /** Why nothing that was done can be read; undefined while it can. */
  brokenRecord: RecordRefusal | undefined;
  readonly acted: ActRequest[];
  /** What its containers do. */
  readonly book: BehaviourBook;
  /** Answers a call of `act`; by default it is proved. */
  outcome: (workload: Workload, request: ActRequest) => Promise<Action>;
  emit(event: MonitorEvent): void;
  subscribers(): number;
}

export function createFakeService(
  views: readonly WorkloadView[] = [
    fakeView(fakeWorkload('builder', 'b0b0')),
    fakeView(fakeWorkload('web-1', 'cafe', { composeProject: 'shop', composeService: 'web' })),
  ],
): FakeService {
  const listeners = new Set<(event: MonitorEvent) => void>();
  const book = createBehaviourBook();
  const service: FakeService = {
    state: fakeSnapshot(views),
    knownFindings: [],
    knownActions: [],
    brokenRecord: undefined,
    acted: [],
    outcome: (workload, request) => Promise.resolve(fakeAction(workload, { name: request.name })),
    snapshot: () => service.state,
    findings: ({ status, workload, limit }) =>
      service.knownFindings
        .filter((finding) => status === undefined || finding.status === status)
        .filter((finding) => workload === undefined || finding.workload === workload)
        .slice(0, limit),
    actions({ workload, since = 0, limit }) {
      if (service.brokenRecord !== undefined) return failed(service.brokenRecord);
      const known = service.knownActions
        .filter((action) => workload === undefined || action.workload === workload)
        .filter(({ startedAt }) => startedAt >= since)
        .slice(0, limit);
      return ok(known);
    },
    async act(request) {
      service.acted.push(request);
      const workloads = service.state.workloads.map((view) => view.workload);
      const found = resolveTarget(workloads, request.target);
      return found.ok ? ok(await service.outcome(found.value, request)) : found;
    },
    book,
    ...createBehaviourService(book, { views: () => service.state.workloads }, stillClock),
    ...createFakeEgressService(),
    ...createFakeWindowService(),
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    emit(event) {
      for (const listener of listeners) listener(event);
    },
    subscribers: () => listeners.size,
  };
  return service;
}
