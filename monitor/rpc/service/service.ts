import type { Action, ActionName } from '../../model/action.ts';
import type { Containment } from '../../model/containment.ts';
import type { Coverage } from '../../model/coverage.ts';
import type { Decision } from '../../model/decision.ts';
import type { EgressLockdown } from '../../model/egress.ts';
import type { HeldRequest } from '../../model/held.ts';
import type { Finding, Severity } from '../../model/finding.ts';
import type { Observation, ResourceObservation } from '../../model/observation.ts';
import type { Moment } from '../../model/time.ts';
import type { ContainerId, Workload, WorkloadKey } from '../../model/workload.ts';
import type { Logger } from '../../runtime/logger.ts';
import type { Result } from '../../runtime/result.ts';
import type { EgressQueries, EgressService } from './egress-service.ts';
import type { WholeEgressService } from './service-egress.ts';
import type { HeldService } from './service-held.ts';
import type { DisarmService } from './service-disarm.ts';
import type { AlarmsService } from './service-alarms.ts';
import type { HistoryService } from './service-history.ts';
import type { PolicyService, PolicyView } from './service-policy.ts';
import type { BehaviourService } from './service-behaviour.ts';
import type { SettingsService } from './service-settings.ts';
import type { TriageService, TriageView } from './service-triage.ts';

/** The engine that is watched, as far as a person wants to know it. */
export interface EngineView {
  /** For example `unix:///var/run/docker.sock`. */
  readonly endpoint: string;
  /** Where the endpoint came from, in words. */
  readonly source: string;
  /** The engine's own id; stable over restarts. */
  readonly id: string;
  readonly name: string;
  readonly version: string;
  readonly apiVersion: string;
  readonly simulated: boolean;
  readonly cgroupVersion: 1 | 2 | undefined;
  readonly hostMemoryBytes: number;
  readonly hostCpus: number;
}

/** Whether the monitor reaches the engine now. */
export type ConnectionView =
  | { readonly state: 'connected'; readonly since: Moment }
  | { readonly state: 'reconnecting'; readonly since: Moment; readonly error: string }
  /** There is no engine, and none is being looked for. */
  | { readonly state: 'none' };

/** Whether what is normal for the workload is known yet. */
export type LearningView =
  | { readonly state: 'learning'; readonly until: Moment }
  | { readonly state: 'learned'; readonly since: Moment };

/** One watched container with everything a list shows of it. */
export interface WorkloadView {
  readonly workload: Workload;
  /** The latest reading; undefined before the first. */
  readonly resource: ResourceObservation | undefined;
  readonly coverage: readonly Coverage[];
  readonly learning: LearningView;
  /** How many findings are open, and the gravest of them. */
  readonly findings: { readonly open: number; readonly worst: Severity | undefined };
  /** What Sentra holds it by; undefined while it holds nothing. */
  readonly containment: Containment | undefined;
}

/** What failures of the record are counted as: see `Loss`. */
export const recordLoss = 'records not written';

/** Something that was lost since the monitor started, and how many of it. */
export interface Loss {
  /** In words, plural: `engine events`, `records not written`. */
  readonly what: string;
  readonly count: number;
}

/** What the monitor itself costs, with the loader of the kernel sensor, a process of its own. */
export interface CostView {
  /** CPU seconds a second, averaged over the last minute or less. */
  readonly cpuCores: number;
  readonly residentBytes: number;
}

/** Everything at one moment. */
export interface MonitorSnapshot {
  readonly at: Moment;
  readonly startedAt: Moment;
  /** Undefined only while the connection is `none`. */
  readonly engine: EngineView | undefined;
  readonly connection: ConnectionView;
  readonly simulated: boolean;
  readonly policy: PolicyView;
  readonly workloads: readonly WorkloadView[];
  /** Containers of the engine that are not watched: Sentra's own, and what the policy leaves out. */
  readonly leftOut: number;
  readonly cost: CostView;
  readonly losses: readonly Loss[];
  readonly triage: TriageView;
  /** Undefined while every container's own list holds. */
  readonly lockdown?: EgressLockdown | undefined;
  /** Connections that no rule decides about: held, or refused until somebody answers; the latest first. */
  readonly held?: readonly HeldRequest[] | undefined;
}

/** What happened, as subscribers are told it. */
export type MonitorEvent =
  /** What was observed since the last event of this kind. Resource readings come once a tick. */
  | {
      readonly kind: 'observations';
      readonly at: Moment;
      readonly observations: readonly Observation[];
      readonly cost: CostView;
      /** As in the snapshot. */
      readonly leftOut: number;
    }
  /** A finding was opened, changed or closed. */
  | { readonly kind: 'finding'; readonly at: Moment; readonly finding: Finding }
  | { readonly kind: 'decision'; readonly at: Moment; readonly decision: Decision }
  /** An action began (`started`) or ended. */
  | { readonly kind: 'action'; readonly at: Moment; readonly action: Action }
  | {
      readonly kind: 'coverage';
      readonly at: Moment;
      readonly workload: WorkloadKey;
      readonly container: ContainerId;
      readonly coverage: Coverage;
    }
  | { readonly kind: 'connection'; readonly at: Moment; readonly connection: ConnectionView }
  /** A container appeared, changed (state, learning, containment, findings) or is gone. */
  | {
      readonly kind: 'workload';
      readonly at: Moment;
      readonly change: 'appeared' | 'changed' | 'gone';
      readonly view: WorkloadView;
    }
  | { readonly kind: 'policy'; readonly at: Moment; readonly policy: PolicyView }
  /** Everything was cut off, or is so no more. */
  | {
      readonly kind: 'lockdown';
      readonly at: Moment;
      readonly lockdown?: EgressLockdown | undefined;
    }
  /** What is held is another; the whole of it. */
  | { readonly kind: 'held'; readonly at: Moment; readonly held: readonly HeldRequest[] }
  /** A finding was acknowledged, a kind muted, or either ended. */
  | { readonly kind: 'triage'; readonly at: Moment; readonly triage: TriageView };

/** What a person may ask for from outside. */
export const personActions = ['pause', 'kill', 'quarantine', 'resume', 'release'] as const;

export type PersonAction = Extract<ActionName, (typeof personActions)[number]>;

/** Which container is meant, in the person's words: see `resolveTarget` in target.ts. */
export interface ActRequest {
  readonly name: PersonAction;
  readonly target: string;
}

/** Why nothing was begun. What was begun and failed is an Action with the outcome `failed`. */
export interface ActRefusal {
  readonly kind: 'unknown-target' | 'ambiguous-target' | 'not-possible';
  readonly message: string;
  readonly advice: string;
  /** Containers that may have been meant. */
  readonly candidates: readonly { readonly container: ContainerId; readonly name: string }[];
}

/** Which findings are asked for, newest first. */
export interface FindingQuery {
  readonly status: 'open' | 'closed' | undefined;
  /** A workload's key. */
  readonly workload: WorkloadKey | undefined;
  /** At most so many, 1 to 1000. */
  readonly limit: number;
}

/** What the monitor does for whoever drives it: the tray, the command line, tests. */
export interface MonitorService
  extends
    BehaviourService,
    EgressService,
    EgressQueries,
    WholeEgressService,
    HeldService,
    HistoryService,
    TriageService,
    PolicyService,
    SettingsService,
    AlarmsService,
    DisarmService {
  snapshot(): MonitorSnapshot;
  findings(query: FindingQuery): readonly Finding[];
  /** Acts for a person, whatever the mode; resolves when the outcome is known. */
  act(request: ActRequest): Promise<Result<Action, ActRefusal>>;
  /** Calls the listener for each event until the returned function is called. Must not throw. */
  subscribe(listener: (event: MonitorEvent) => void): () => void;
}

/** How a monitor is started. Undefined members mean the default. */
export interface MonitorOptions {
  /** Where the engine is, for example `unix:///run/docker.sock`. */
  readonly engine: string | undefined;
  readonly policyFile: string | undefined;
  /** How long a new workload is learned. */
  readonly learnMs: number | undefined;
  /** From reading to reading. */
  readonly intervalMs: number | undefined;
  /** Absolute. For the record; made with mode 0700 when missing. */
  readonly stateFolder: string;
  /** Absolute. For the lock: see lockFile in rpc/socket/control-folder.ts. Exists, and is private. */
  readonly controlFolder: string;
  /** Run the embedded simulator rather than an engine. */
  readonly simulate: boolean;
  /** Read resource use through the engine's API even where cgroup files can be read. */
  readonly byApi: boolean;
  /** Absolute. Everything that the detectors are handed goes there; it must not exist yet. */
  readonly recordFile?: string | undefined;
}

/** Why no monitor was started. */
export type StartFailure =
  | { readonly kind: 'failed'; readonly message: string; readonly advice: string }
  /** An engine is there and does not let this user in. */
  | { readonly kind: 'no-permission'; readonly message: string; readonly advice: string }
  /** No engine answers; nothing was started. The simulator can be shown in its place. */
  | { readonly kind: 'no-engine'; readonly message: string; readonly advice: string }
  /** Another monitor of this user watches the engine: its lock is taken (runtime/lock.ts). */
  | { readonly kind: 'already-running'; readonly engineId: string };

/** A monitor that runs, with what stops it. */
export interface RunningMonitor {
  readonly service: MonitorService;
  /** Resolves once it has disarmed, and does nothing any more: it is to be stopped. */
  readonly disarmed: Promise<void>;
  /** Ends sensing and acting, writes what is not written, gives the lock back. */
  stop(): Promise<void>;
}

/** What monitor/monitor.ts provides. The logger takes lines for whoever starts it. */
export type StartMonitor = (
  options: MonitorOptions,
  surroundings: { readonly logger: Logger },
) => Promise<Result<RunningMonitor, StartFailure>>;
