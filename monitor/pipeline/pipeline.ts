import type { Action } from '../model/action.ts';
import { atLeast, type Finding } from '../model/finding.ts';
import type {
  ContainerObservation,
  Observation,
  ResourceObservation,
} from '../model/observation.ts';
import type { ContainerId, Workload } from '../model/workload.ts';
import type { Responder } from '../respond/responder.ts';
import type { Store } from '../record/store.ts';
import type { WorkloadView } from '../rpc/service/service.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Logger } from '../runtime/logger.ts';
import { messageOf } from '../runtime/logger.ts';
import type { Sensors, WorkloadChange } from '../sensors/sensors.ts';
import type { Alarms } from './service/alarms-service.ts';
import type { Attention } from './attention.ts';
import { controlEventOf } from './control-event.ts';
import type { CpuSince } from './cpu-since.ts';
import type { Judgement } from './judgement.ts';
import type { Losses } from './losses.ts';
import type { ProcessLook } from './process-look.ts';
import type { Reaction } from './reaction.ts';
import type { Recording } from './recording/recording.ts';
import type { Subscribers } from './service/subscribers.ts';
import type { Triage } from './triage.ts';
import { learningView, workloadView } from './view.ts';

/** What the pipeline connects. */
export interface PipelineParts {
  readonly store: Store;
  readonly judgement: Judgement;
  readonly reaction: Reaction;
  readonly responder: Responder;
  readonly attention: Attention;
  readonly processLook: ProcessLook;
  readonly triage: Pick<Triage, 'begin' | 'opened' | 'closed'>;
  readonly alarms: Pick<Alarms, 'begin'>;
  readonly cpuSince: CpuSince;
  readonly subscribers: Subscribers;
  readonly losses: Losses;
  readonly recording: Pick<Recording, 'add'>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly sensors: () => Pick<Sensors, 'coverage' | 'workloads'> | undefined;
}

/** One direction: observation → finding → decision → action, each recorded and told. */
export interface Pipeline {
  observation(observation: Observation): void;
  workload(change: WorkloadChange): void;
  /** An action was written down: begun or ended. */
  action(action: Action): void;
  view(workload: Workload): WorkloadView;
  views(): readonly WorkloadView[];
  workloadOf(container: ContainerId): Workload | undefined;
  /** Closes findings about containers that went while nobody watched. */
  closeOrphans(orphans: readonly Finding[]): void;
  /** What is held is read back and held again where it is loose. */
  reconcile(workloads: readonly Workload[] | 'all'): void;
}

/** Lifecycle facts after which a held container has to be looked at. */
const looseners: ReadonlySet<string> = new Set([
  'unpause',
  'start',
  'restart',
  'die',
  'destroy',
  'network-attach',
]);

/** With no container known. */
export function createPipeline(parts: PipelineParts): Pipeline {
  const { store, judgement, reaction, responder, losses, clock, subscribers } = parts;
  const workloads = new Map<ContainerId, Workload>();
  const latest = new Map<ContainerId, ResourceObservation>();
  const learnedSince = new Map<ContainerId, number>();

  function view(workload: Workload): WorkloadView {
    const { container } = workload;
    return workloadView({
      workload,
      resource: latest.get(container),
      coverage: parts.sensors()?.coverage(container) ?? [],
      learning: learningView(
        judgement.learning(workload.key),
        learnedSince.get(container),
        clock.now(),
      ),
      findings: judgement.open(container),
      containment: responder.containmentOf(container),
    });
  }

  function tellChanged(container: ContainerId): void {
    const workload = workloads.get(container);
    if (workload === undefined) return;
    subscribers.tell({
      kind: 'workload',
      at: clock.now(),
      change: 'changed',
      view: view(workload),
    });
  }

  function finding(found: Finding): void {
    losses.check(store.findings.put(found));
    subscribers.tell({ kind: 'finding', at: clock.now(), finding: found });
    if (found.status === 'closed') parts.triage.closed(found.id);
    else parts.triage.opened(found.id);
    const workload = workloads.get(found.container);
    if (workload === undefined) return;
    if (found.status === 'open' && atLeast(found.severity, 'low')) {
      parts.logger.debug(`${workload.name}: ${found.sentence}`);
    }
    // First: what the reaction kills has no processes left to look at.
    parts.processLook.finding(found, workload);
    reaction.finding(found, workload);
    tellChanged(found.container);
  }

  function judge(observation: ContainerObservation): void {
    const { container } = observation;
    const result = judgement.step(observation);
    if (result.attention) parts.attention.ask(container, clock.monotonic());
    for (const found of result.findings) finding(found);
    const word = observation.kind === 'control' ? observation.event.name : undefined;
    if (word === 'marked-false' || word === 'unmarked-false') {
      // What a person said is not to be lost with the process.
      judgement.keep(observation.workload, observation.at);
    }
    if (learnedSince.has(container) || !workloads.has(container)) return;
    if (judgement.learning(observation.workload)?.state !== 'learned') return;
    learnedSince.set(container, observation.at);
    // At once, since a monitor that is killed in the next minute would learn it all again.
    judgement.keep(observation.workload, observation.at);
    tellChanged(container);
  }

  function reconcile(which: readonly Workload[] | 'all'): void {
    // Never skipped for want of containments: actions may be unfinished, and writes may wait.
    responder
      .reconcile(which, (container, since) => parts.cpuSince.used(container, since))
      .then((reconciled) => {
        for (const containment of reconciled.closed) tellChanged(containment.container);
      })
      .catch((error: unknown) => {
        parts.logger.error(`What is held could not be read back: ${messageOf(error)}`);
      });
  }

  return {
    observation(observation) {
      parts.recording.add({ kind: 'observation', observation });
      subscribers.collect(observation);
      if (observation.kind === 'host') {
        for (const found of judgement.passTime(observation.at)) finding(found);
        return;
      }
      switch (observation.kind) {
        case 'resource':
          latest.set(observation.container, observation);
          store.samples.add(observation);
          parts.cpuSince.add(observation);
          break;
        case 'coverage': {
          losses.check(store.coverage.put(observation));
          const { workload, container, coverage } = observation;
          subscribers.tell({ kind: 'coverage', at: observation.at, workload, container, coverage });
          // It may run although the engine calls it paused; what is not held is passed over.
          const doubtful = coverage.sight.state === 'partly' ? workloads.get(container) : undefined;
          if (doubtful !== undefined) reconcile([doubtful]);
          break;
        }
        case 'lifecycle': {
          const held = responder.containmentOf(observation.container) !== undefined;
          const workload = workloads.get(observation.container);
          if (held && workload !== undefined && looseners.has(observation.event.name)) {
            reconcile([workload]);
          }
          break;
        }
        case 'process':
        case 'syscalls':
        case 'process-start':
        case 'rare-call':
        case 'control':
        case 'egress':
          break;
      }
      judge(observation);
    },
    workload({ kind, workload }) {
      const now = clock.now();
      const { container } = workload;
      if (kind === 'gone') {
        for (const found of judgement.end(workload, now)) finding(found);
        const last = view(workload);
        workloads.delete(container);
        latest.delete(container);
        learnedSince.delete(container);
        parts.attention.forget(container);
        parts.processLook.forget(container);
        parts.cpuSince.forget(container);
        reaction.gone(container);
        subscribers.tell({ kind: 'workload', at: now, change: 'gone', view: last });
        if (responder.containmentOf(container) !== undefined) reconcile([workload]);
        return;
      }
      const appeared = !workloads.has(container);
      workloads.set(container, workload);
      losses.check(store.workloads.put(workload, now));
      judgement.begin(workload);
      if (appeared) parts.alarms.begin(workload);
      if (appeared) parts.triage.begin(container);
      subscribers.tell({
        kind: 'workload',
        at: now,
        change: appeared ? 'appeared' : 'changed',
        view: view(workload),
      });
    },
    action(action) {
      reaction.action(action);
      subscribers.tell({ kind: 'action', at: clock.now(), action });
      const frozen = responder.containmentOf(action.container)?.depth === 'frozen';
      const control = controlEventOf(action, frozen);
      if (control !== undefined) this.observation(control);
      tellChanged(action.container);
    },
    view,
    views: () => [...workloads.values()].map(view),
    workloadOf: (container) => workloads.get(container),
    closeOrphans(orphans) {
      for (const orphan of orphans) {
        finding({ ...orphan, status: 'closed', at: clock.now() });
        reaction.gone(orphan.container);
      }
    },
    reconcile,
  };
}
