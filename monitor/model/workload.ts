import type { Moment } from './time.ts';

/**
 * What stays the same when a container is created again: the image without its digest, and the
 * compose service, or else the name. A baseline belongs to it. Text from the engine, untrusted.
 */
export type WorkloadKey = string;

/** The engine's full container id: 64 hexadecimal digits, in lower case. */
export type ContainerId = string;

/** The engine's own words for the state of a container. */
export type ContainerState =
  'created' | 'running' | 'paused' | 'restarting' | 'removing' | 'exited' | 'dead';

/** How a container reaches the network, as far as Sentra treats it differently. */
export type NetworkAttachment =
  | { readonly kind: 'own'; readonly networks: readonly string[] }
  | { readonly kind: 'host' }
  | { readonly kind: 'none' }
  /** Lives in the network namespace of another container. */
  | { readonly kind: 'shared'; readonly with: string };

/** Limits set on the container; undefined where none is. */
export interface ResourceLimits {
  /** Bytes. */
  readonly memoryBytes: number | undefined;
  /** Cores; 0.5 is half a core. */
  readonly cpus: number | undefined;
  /** Processes and threads. */
  readonly pids: number | undefined;
}

/** An agent container as Sentra knows it. Names, images and labels are untrusted text. */
export interface Workload {
  readonly key: WorkloadKey;
  readonly container: ContainerId;
  readonly name: string;
  readonly image: string;
  /** The id of the image's content: another one after an update. Undefined where nobody told. */
  readonly imageId?: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
  readonly composeProject: string | undefined;
  readonly composeService: string | undefined;
  readonly state: ContainerState;
  /** The main process's id on the engine's host; undefined while nothing runs. */
  readonly mainPid: number | undefined;
  readonly startedAt: Moment | undefined;
  readonly restartCount: number;
  readonly network: NetworkAttachment;
  readonly limits: ResourceLimits;
  /** The OCI runtime, for example `runc` or `runsc`. */
  readonly runtime: string;
  /** The restart policy's name as the engine tells it: `no`, `always`, `on-failure`, `unless-stopped`. */
  readonly restartPolicy: string;
}

/**
 * Runtimes whose containers run on the machine's own kernel: a container of theirs that brings a copy
 * of `runsc` along by a bind mount is to be counted in the kernel all the same.
 */
const kernelSharing = /^(?:io\.containerd\.runc\.v\d+|runc|crun|youki|nvidia|sysbox-runc)$/;

/** Whether the containers of the runtime are known to run on the machine's own kernel. */
export function sharesKernel(runtime: string): boolean {
  return kernelSharing.test(runtime);
}

/** Running in the sense that its processes may get CPU time now. */
export function isRunning(state: ContainerState): boolean {
  return state === 'running' || state === 'restarting';
}
