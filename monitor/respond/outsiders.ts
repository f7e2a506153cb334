import type { ContainerId } from '../model/workload.ts';

/** Ends the processes of one container that no signal to the container reaches. */
export interface OutsiderHunt {
  /** Stops those outside its cgroup, so that they neither act nor multiply while it is killed. */
  stop(): Promise<void>;
  /** Has those that were stopped go on, where it was not killed. */
  letGo(): Promise<void>;
  /**
   * Once it does not run: ends whoever is left and surely the container's. `left` are process ids on
   * the engine's host.
   */
  end(): Promise<{ readonly ended: number; readonly left: readonly string[] }>;
  close(): void;
}

/** The processes of containers that are outside their cgroups, as far as the responder uses them. */
export interface Outsiders {
  /** How many of its processes are known to be outside its cgroup, where no freeze reaches. */
  known(container: ContainerId): number;
  /** Looks for them now, so that `known` is true of this moment. */
  look(container: ContainerId): Promise<void>;
  /** Begun while it runs. Undefined where nothing outlives its main process, or nothing can be read. */
  hunt(container: ContainerId): OutsiderHunt | undefined;
  /** Names of the watched containers that live in the pid namespace of this one. Untrusted text. */
  pidSharers(container: ContainerId): readonly string[];
}

/** Where nothing is known of processes. */
export const noOutsiders: Outsiders = {
  known: () => 0,
  look: () => Promise.resolve(),
  hunt: () => undefined,
  pidSharers: () => [],
};
