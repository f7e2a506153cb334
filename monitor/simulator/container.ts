import { hashText, hexadecimal } from './noise.ts';
import type { Strength, IncidentKind } from './incident.ts';
import type { Endpoint } from './network.ts';
import type { ContainerPlan, RestartPolicy } from './plan.ts';
import type { Appointment } from './schedule.ts';
import { freshUsage } from './usage.ts';
import type { Usage } from './usage.ts';

/** Where a container is in its life. */
export type RunState =
  | { readonly status: 'created' }
  | { readonly status: 'running'; readonly pid: number }
  | { readonly status: 'paused'; readonly pid: number }
  | { readonly status: 'restarting'; readonly appointment: Appointment }
  | { readonly status: 'exited' };

/** Zero means no limit, as in Docker. */
export interface Limits {
  memoryBytes: number;
  memorySwapBytes: number;
  nanoCpus: number;
  cpuQuota: number;
  cpuPeriod: number;
  pidsLimit: number;
}

/** An incident under way. */
export interface ActiveIncident {
  readonly kind: IncidentKind;
  readonly strength: Strength;
  /** Running milliseconds of the container when it began. */
  startedAtRunMs: number;
}

/** A process that was started in the container from outside. */
export interface Exec {
  readonly id: string;
  readonly command: string;
  readonly pid: number;
}

/** Something to happen after so much *running* time; it waits while the container is paused. */
export interface RunTimer {
  readonly dueAtRunMs: number;
  readonly run: () => void;
  appointment: Appointment | undefined;
}

/** One container with all that changes about it. */
export interface Container {
  readonly id: string;
  readonly plan: ContainerPlan;
  readonly imageId: string;
  readonly createdAt: number;
  readonly seed: number;
  state: RunState;
  startedAt: number | undefined;
  finishedAt: number | undefined;
  exitCode: number;
  oomKilled: boolean;
  restartCount: number;
  restartDelayMs: number;
  /** Stopped by a call, so that the restart policy does not bring it back. */
  stoppedByHand: boolean;
  health: 'none' | 'starting' | 'healthy';
  restartPolicy: RestartPolicy;
  readonly limits: Limits;
  endpoints: Endpoint[];
  incidents: ActiveIncident[];
  execs: Exec[];
  timers: RunTimer[];
  /** Called once when its process ends. */
  waiters: (() => void)[];
  usage: Usage;
}

/** A container that has not been started. `serial` tells re-created ones of a name apart. */
export function makeContainer(
  plan: ContainerPlan,
  seed: number,
  serial: number,
  createdAt: number,
): Container {
  const nameSeed = (hashText(plan.name) ^ seed) >>> 0;
  return {
    id: hexadecimal(nameSeed, serial, 64),
    plan,
    imageId: `sha256:${hexadecimal(hashText(plan.image), 0, 64)}`,
    createdAt,
    seed: nameSeed,
    state: { status: 'created' },
    startedAt: undefined,
    finishedAt: undefined,
    exitCode: 0,
    oomKilled: false,
    restartCount: 0,
    restartDelayMs: 0,
    stoppedByHand: false,
    health: plan.healthCheck === undefined ? 'none' : 'starting',
    restartPolicy: plan.restartPolicy ?? { name: 'no', maximumRetryCount: 0 },
    limits: {
      memoryBytes: plan.memoryLimitBytes ?? 0,
      memorySwapBytes: (plan.memoryLimitBytes ?? 0) * 2,
      nanoCpus: plan.nanoCpus ?? 0,
      cpuQuota: 0,
      cpuPeriod: 0,
      pidsLimit: plan.pidsLimit ?? 0,
    },
    endpoints: [],
    incidents: [],
    execs: [],
    timers: [],
    waiters: [],
    usage: freshUsage(),
  };
}

/** Whether it has processes, moving or frozen. */
export function isAlive(container: Container): boolean {
  return container.state.status === 'running' || container.state.status === 'paused';
}

/** The first process's id on the engine's host; 0 when there is none. */
export function pidOf(container: Container): number {
  const { state } = container;
  return state.status === 'running' || state.status === 'paused' ? state.pid : 0;
}

/** The words of its command. */
export function commandOf(container: Container): readonly string[] {
  return container.plan.command ?? ['node', `/app/${container.plan.agent}.js`];
}

/** The network mode as Docker shows it. */
export function networkModeOf(plan: ContainerPlan): string {
  return plan.networkMode ?? plan.networks?.[0] ?? 'default';
}

/** The container whose network it shares, for `container:NAME`; also the host's. */
export function sharesNetwork(plan: ContainerPlan): boolean {
  const mode = networkModeOf(plan);
  return mode === 'host' || mode.startsWith('container:');
}
