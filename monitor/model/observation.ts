import type { Coverage } from './coverage.ts';
import type { AskedName, EgressDestination, RefusedKind } from './egress.ts';
import type { Milliseconds, Moment } from './time.ts';
import type { ContainerId, WorkloadKey } from './workload.ts';

interface ObservedAt {
  /** When it was taken, by the monitor's clock. */
  readonly at: Moment;
}

interface OfContainer extends ObservedAt {
  readonly workload: WorkloadKey;
  readonly container: ContainerId;
}

/** Bytes and packets a second through the container's own interfaces, loopback left out. */
export interface NetworkRates {
  readonly receivedBytes: number;
  readonly sentBytes: number;
  readonly receivedPackets: number;
  readonly sentPackets: number;
}

/** Bytes a second to and from block devices, cache hits left out. */
export interface BlockRates {
  readonly readBytes: number;
  readonly writtenBytes: number;
}

/** Resource use over the interval that ends at `at`. Rates are averages over that interval. */
export interface ResourceObservation extends OfContainer {
  readonly kind: 'resource';
  /** The length of the interval; always above zero. */
  readonly intervalMs: Milliseconds;
  /** CPU seconds a second; 1 is one core fully used. */
  readonly cpuCores: number;
  /** Of the scheduler's periods with a CPU limit, the share in which it was throttled, 0 to 1. */
  readonly throttledShare: number;
  /** Working set: usage without the inactive file cache, bytes. */
  readonly memoryBytes: number;
  /** Anonymous memory (heap, stacks), bytes. */
  readonly anonymousBytes: number;
  /** Page cache charged to the container, bytes. */
  readonly cacheBytes: number;
  /** The limit that memory runs against: the container's own, else the host's memory. Bytes. */
  readonly memoryLimitBytes: number;
  /** Whether the limit is the container's own. */
  readonly memoryLimited: boolean;
  /** Page faults a second. */
  readonly faultsPerSecond: number;
  /** Processes and threads now. */
  readonly pids: number;
  /** The container's own limit of processes; undefined when it has none. */
  readonly pidsLimit: number | undefined;
  /**
   * New processes that the limit refused within the interval. Undefined without a limit, and where
   * the kernel's count of them cannot be read, as through Docker's statistics.
   */
  readonly forksRefused: number | undefined;
  /** Undefined when it cannot be told apart, as on the host's network. */
  readonly network: NetworkRates | undefined;
  /** Undefined when the engine's host does not account for it. */
  readonly block: BlockRates | undefined;
  readonly carrier: 'cgroup' | 'stats';
}

export type LifecycleEvent =
  | { readonly name: 'start' }
  | { readonly name: 'die'; readonly exitCode: number | undefined }
  | { readonly name: 'out-of-memory' }
  /** A command started in the container from outside; health checks are left out. */
  | { readonly name: 'exec'; readonly command: string }
  | { readonly name: 'health'; readonly healthy: boolean }
  | { readonly name: 'network-attach'; readonly network: string }
  | { readonly name: 'network-detach'; readonly network: string }
  | { readonly name: 'pause' }
  | { readonly name: 'unpause' }
  | { readonly name: 'restart' }
  | { readonly name: 'destroy' };

/** What the engine said happened to the container. */
export interface LifecycleObservation extends OfContainer {
  readonly kind: 'lifecycle';
  readonly event: LifecycleEvent;
}

/** One process as the engine's `top` shows it. Text is untrusted. */
export interface ProcessEntry {
  readonly pid: number;
  readonly parentPid: number | undefined;
  readonly user: string;
  readonly command: string;
}

/** The process list at one moment; `omitted` counts what was beyond the bound. */
export interface ProcessObservation extends OfContainer {
  readonly kind: 'process';
  readonly processes: readonly ProcessEntry[];
  readonly omitted: number;
}

/** The system calls of the interval that ends at `at`, by name. A silent interval has none. */
export interface SyscallsObservation extends OfContainer {
  readonly kind: 'syscalls';
  /** The length of the interval: about a second, a quarter of it while something is wrong. */
  readonly intervalMs: Milliseconds;
  /** How often each call was made. 32-bit calls bear their table's name: `i386:ptrace`. */
  readonly counts: Readonly<Record<string, number>>;
  /** Of these, how often each was refused: by EPERM, EACCES or ENOSYS. */
  readonly failed: Readonly<Record<string, number>>;
  /** Single events (process starts, rare calls) of the interval that were counted and not kept. */
  readonly lost: number;
  /** Of these the rare calls; absent where none was lost. */
  readonly lostCalls?: number | undefined;
}

/** A process began to run a program. Text is chosen by the container: untrusted, and cut. */
export interface ProcessStartObservation extends OfContainer {
  readonly kind: 'process-start';
  /** Process ids and the user as the engine's host knows them. */
  readonly pid: number;
  readonly parentPid: number;
  readonly uid: number;
  /** The path of what really runs, whatever it calls itself. */
  readonly program: string;
  /** The same of what started it. */
  readonly parentProgram: string;
  /** Whether the program's file was changed or made since the container started. */
  readonly programIsNew: boolean;
  /** Whether its file has no name in any folder: it is in memory alone, or was removed. */
  readonly inMemory: boolean;
  /**
   * Which of its standard files is a connection of the network; with neither, its parent's input is.
   * Undefined without one.
   */
  readonly network:
    { readonly input: boolean; readonly output: boolean; readonly peer: string } | undefined;
  readonly arguments: readonly string[];
  /** The first program of something that was put into the container: its start, an exec. */
  readonly fromOutside: boolean;
  /** It runs as root by its file's set-uid bit, for somebody who is not root; absent otherwise. */
  readonly gainsRoot?: true;
}

/** A call that containers make rarely, made by the container itself and not by its runtime. */
export interface RareCallObservation extends OfContainer {
  readonly kind: 'rare-call';
  /** Its name, such as `mount`; those of the 32-bit table bear the same names. */
  readonly call: string;
  readonly compat: boolean;
  /** The error's name when it failed, such as `EPERM`. */
  readonly error: string | undefined;
  /** What it was about: a path, a kind of socket, or empty. Untrusted, and cut. */
  readonly target: string;
  /** Whether a file was opened for writing. */
  readonly writes: boolean;
  /** Whether it was about the process itself, or a child that it traces. */
  readonly own: boolean;
  readonly pid: number;
  readonly parentPid: number;
  readonly uid: number;
  /** The user of the process that started this one. */
  readonly parentUid: number;
  readonly program: string;
  /** Whether the program's file was changed or made since the container started. */
  readonly programIsNew: boolean;
}

/** The machine that the monitor runs on. */
export interface HostObservation extends ObservedAt {
  readonly kind: 'host';
  /** One-minute load average divided by the number of cores. */
  readonly loadPerCore: number;
  /** Memory that can be had without swapping, 0 to 1 of all. */
  readonly memoryAvailableShare: number;
  readonly onBattery: boolean | undefined;
}

/** A sensor's view of a container changed: it sees, sees in part, or is blind. */
export interface CoverageObservation extends OfContainer {
  readonly kind: 'coverage';
  readonly coverage: Coverage;
}

export type ControlEvent =
  | { readonly name: 'paused' }
  | { readonly name: 'resumed' }
  | { readonly name: 'contained' }
  | { readonly name: 'released' }
  | { readonly name: 'killed' }
  | { readonly name: 'acknowledged'; readonly finding: string }
  /** The acknowledgement was taken back. */
  | { readonly name: 'unacknowledged'; readonly finding: string }
  /** The person called the finding a false alarm: it counts against the budget. */
  | { readonly name: 'marked-false'; readonly finding: string }
  /** That was taken back: it counts no more. */
  | { readonly name: 'unmarked-false'; readonly finding: string }
  /** So many false alarms of one container and day are borne from now on. */
  | { readonly name: 'budget-changed'; readonly alarmsPerDay: number };

/** What Sentra or the person did to the container. */
export interface ControlObservation extends OfContainer {
  readonly kind: 'control';
  readonly event: ControlEvent;
}

/** Where the container talked to since the look before; told only when there is something to tell. */
export interface EgressObservation extends OfContainer {
  readonly kind: 'egress';
  readonly mode: 'observe' | 'enforce';
  /** The id of the image's content, where it is known. */
  readonly image?: string | undefined;
  /** Those with traffic in the interval, at most 200. */
  readonly destinations: readonly EgressDestination[];
  readonly names: readonly AskedName[];
  /** What the wall refused that no destination can be told of. */
  readonly refusedKinds?: readonly RefusedKind[] | undefined;
  /** Destinations beyond the bound. */
  readonly omitted: number;
  /** Questions beyond the bound of names; in recordings of an earlier Sentra they are in `omitted`. */
  readonly omittedNames?: number | undefined;
  /** Entries of the resolver's log that nobody read: questions among them are not told. */
  readonly lostEntries?: number | undefined;
  /**
   * How the wall was found open although it was to stand, in words; it was put up again at once.
   * Undefined while it stood.
   */
  readonly breach: string | undefined;
}

/**
 * Everything that a detector may know. A recording of observations, replayed in order, gives the
 * same findings.
 */
export type Observation =
  | ResourceObservation
  | LifecycleObservation
  | ProcessObservation
  | SyscallsObservation
  | ProcessStartObservation
  | RareCallObservation
  | HostObservation
  | CoverageObservation
  | ControlObservation
  | EgressObservation;

/** An observation that belongs to one container. */
export type ContainerObservation = Exclude<Observation, HostObservation>;
