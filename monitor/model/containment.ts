import type { Moment } from './time.ts';
import type { ContainerId, WorkloadKey } from './workload.ts';

/** A network that the container was on, with what is needed to put it back. */
export interface DetachedNetwork {
  readonly networkId: string;
  readonly networkName: string;
  readonly aliases: readonly string[];
  /** What it called others by, as `CONTAINER:NAME`; none where undefined. */
  readonly links?: readonly string[] | undefined;
  /** The address it had, IPv4; undefined where it had none. */
  readonly ipv4: string | undefined;
  readonly ipv6: string | undefined;
  /** Whether the engine chose its addresses, as it does anew at each start, and nobody asked for one. */
  readonly isAddressGiven?: true | undefined;
  /** Whether the network has a configured subnet, so that the address can be asked for again. */
  readonly addressCanReturn: boolean;
}

/** What to put back on undo, written down before anything is done. */
export interface UndoNotes {
  /** True when Sentra paused it; false when it was paused already or is not to be paused. */
  readonly pausedBySentra: boolean;
  readonly networks: readonly DetachedNetwork[];
  /** Ports of the host by the container's, `80/tcp`: those the engine chose come back as others. */
  readonly ports?: Readonly<Record<string, string>> | undefined;
  readonly restartPolicy: { readonly name: string; readonly maximumRetryCount: number } | undefined;
  /** The limits before a `limit` action; undefined members had none. */
  readonly limits:
    | {
        readonly memoryBytes: number | undefined;
        readonly nanoCpus: number | undefined;
        /** Microseconds of CPU time in each period, where that was the limit. */
        readonly cpuQuota?: number | undefined;
        readonly pids: number | undefined;
      }
    | undefined;
  /** The limits that it is kept to; undefined where there are none. */
  readonly limitedTo?: KeptLimits | undefined;
}

/** Limits that nobody else may loosen while Sentra holds the container; undefined members are free. */
export interface KeptLimits {
  /** Cores. */
  readonly cpus?: number | undefined;
  readonly memoryBytes?: number | undefined;
  /** Memory and swap together, as it was when the memory was limited; -1 is none. */
  readonly memorySwapBytes?: number | undefined;
  readonly pids?: number | undefined;
}

/** A container that Sentra holds: what it holds, and what that cannot hold. */
export interface Containment {
  readonly container: ContainerId;
  readonly workload: WorkloadKey;
  readonly name: string;
  readonly depth: 'frozen' | 'quarantined' | 'limited';
  readonly since: Moment;
  readonly undo: UndoNotes;
  /** What this containment cannot stop, in words; empty when nothing is known to be open. */
  readonly holes: readonly string[];
}
