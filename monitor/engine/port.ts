import type { HelperCalls } from './helper-calls.ts';
import type { ContainerFacts } from '../model/container-facts.ts';
import type { Result } from '../runtime/result.ts';
import type { ContainerId, ContainerState, Workload } from '../model/workload.ts';

/** Why the engine did not do what it was asked. `advice` says what the person can do about it. */
export interface EngineError {
  readonly kind:
    /** Nothing listens: no socket, or nobody behind it and no file either. */
    | 'not-running'
    | 'no-permission'
    /** The socket's file is there, nobody listens. */
    | 'stale-socket'
    | 'unreachable'
    | 'timeout'
    /** The container or network is not there (any more). */
    | 'gone'
    /** The engine refuses in its present state, for example pausing what does not run. */
    | 'conflict'
    /** Not on Sentra's own list of permitted calls. Nothing was sent. */
    | 'forbidden'
    /** The answer was not what the API promises. */
    | 'garbage'
    | 'cancelled'
    | 'failed';
  readonly message: string;
  readonly advice: string;
}

/** What is known of the engine after connecting. */
export interface EngineAbout {
  /** For example `unix:///var/run/docker.sock`. */
  readonly endpoint: string;
  /** Where the endpoint came from, in words: `DOCKER_HOST`, `context colima`, `usual socket`. */
  readonly source: string;
  /** The engine's own id; stable over restarts. */
  readonly id: string;
  readonly name: string;
  readonly version: string;
  /** The API version in use, for example `1.41`. */
  readonly apiVersion: string;
  readonly simulated: boolean;
  readonly cgroupVersion: 1 | 2 | undefined;
  readonly hostMemoryBytes: number;
  readonly hostCpus: number;
  /** By what it can run containers; undefined where it was not told. */
  readonly runtimes?: readonly EngineRuntime[];
}

/** A runtime as the engine's configuration has it. */
export interface EngineRuntime {
  readonly name: string;
  /** The program; empty where a shim of containerd stands for it. */
  readonly path: string;
  readonly args: readonly string[];
}

/** One line of the engine's list of containers. */
export interface ContainerSummary {
  readonly container: ContainerId;
  /** Without the leading slash. */
  readonly name: string;
  readonly image: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly state: ContainerState;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  /** Names of the networks it is attached to; undefined where the list does not tell. */
  readonly networks?: readonly string[] | undefined;
}

/** What an inspect call tells, as far as Sentra uses it. */
export interface ContainerDetail {
  readonly workload: Workload;
  readonly restarting: boolean;
  readonly exitCode: number | undefined;
  readonly finishedAt: number | undefined;
  readonly restartPolicy: { readonly name: string; readonly maximumRetryCount: number };
  readonly memoryLimitBytes: number;
  readonly memorySwapBytes: number;
  readonly nanoCpus: number;
  /** Where CPU time is bounded by a quota in place of `nanoCpus`; the engine takes but one of them. */
  readonly cpuQuota?: CpuQuota | undefined;
  readonly pidsLimit: number;
  readonly endpoints: readonly NetworkEndpoint[];
  /** Whether its processes are among the machine's own, so that not all end with the main one. */
  readonly hasHostProcessIds?: boolean;
  /** Ports of the host by the container's port and protocol, `80/tcp`; only while it runs. */
  readonly publishedPorts?: Readonly<Record<string, string>> | undefined;
  /** The commands of the health check, as Docker announces them in exec events; empty without one. */
  readonly healthCommand: string;
}

/** So much CPU time in each period; both in microseconds. */
export interface CpuQuota {
  readonly quota: number;
  readonly period: number;
}

/** A container's end on one network. */
export interface NetworkEndpoint {
  readonly networkId: string;
  readonly networkName: string;
  readonly aliases: readonly string[];
  /** What it calls others by on this network, as `CONTAINER:NAME`; none where undefined. */
  readonly links?: readonly string[] | undefined;
  readonly ipv4: string | undefined;
  readonly ipv6: string | undefined;
  /** Whether the engine chose its addresses, as it does anew at each start, and nobody asked for one. */
  readonly isAddressGiven?: true | undefined;
}

/** Cumulative counters and gauges of one container at one moment. */
export interface ResourceCounters {
  /** When it was read, by whoever read it, milliseconds since 1970. */
  readonly at: number;
  readonly cpuNanoseconds: number;
  readonly throttledPeriods: number;
  readonly periods: number;
  /** Working set: usage without the inactive file cache. */
  readonly memoryBytes: number;
  readonly anonymousBytes: number;
  readonly cacheBytes: number;
  /** Undefined where the container has no limit of its own. */
  readonly memoryLimitBytes: number | undefined;
  readonly pageFaults: number;
  readonly pids: number;
  readonly pidsLimit: number | undefined;
  /** New processes that the limit has refused so far; undefined where that is not told. */
  readonly forksRefused: number | undefined;
  readonly network:
    | {
        readonly receivedBytes: number;
        readonly sentBytes: number;
        readonly receivedPackets: number;
        readonly sentPackets: number;
      }
    | undefined;
  readonly block: { readonly readBytes: number; readonly writtenBytes: number } | undefined;
}

/** One event of the engine, of the kinds that Sentra listens to. */
export interface EngineEvent {
  /** Nanoseconds since 1970 as the engine tells them, in decimal. */
  readonly timeNano: string;
  readonly type: 'container' | 'network' | 'daemon';
  /** Without suffix: `exec_create` rather than `exec_create: sh -c …`. */
  readonly action: string;
  /** What followed the action's colon, for example the command of an exec. */
  readonly detail: string;
  /** The container's or the network's id. */
  readonly actor: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** A stream that is open until `close`, or until the far end ends it. */
export interface EngineStream {
  close(): void;
}

export interface StreamHandlers<Item> {
  /** The engine has begun to answer; before the first item. */
  readonly onOpen?: () => void;
  readonly onItem: (item: Item) => void;
  /** Called at most once, and never after `close`. */
  readonly onEnd: (error: EngineError) => void;
  /** An item that could not be understood was left out. */
  readonly onGarbage: (reason: string) => void;
}

/** The process table as `ps` on the engine's host printed it. */
export interface ProcessTable {
  readonly titles: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Address and names asked for when a network is attached again. */
export interface AttachRequest {
  readonly aliases: readonly string[];
  readonly links?: readonly string[] | undefined;
  readonly ipv4: string | undefined;
  readonly ipv6: string | undefined;
}

/** What `update` may change. Undefined members are left as they are. */
export interface ContainerChange {
  readonly restartPolicy?: { readonly name: string; readonly maximumRetryCount: number };
  readonly memoryBytes?: number;
  readonly memorySwapBytes?: number;
  readonly nanoCpus?: number;
  /** Microseconds in each period, as the container has it. */
  readonly cpuQuota?: number;
  readonly pidsLimit?: number;
}

type Answer<Value> = Promise<Result<Value, EngineError>>;

/** Reading from the engine. Every call ends within its time-out. */
export interface EngineReader {
  readonly about: EngineAbout;
  ping(): Answer<void>;
  /** Every container, stopped ones too. */
  list(): Answer<readonly ContainerSummary[]>;
  inspect(container: ContainerId): Answer<ContainerDetail>;
  /** How it was made, and how it stands: for a person who looks. */
  facts(container: ContainerId): Answer<ContainerFacts>;
  top(container: ContainerId): Answer<ProcessTable>;
  /** One reading now. */
  stats(container: ContainerId): Answer<ResourceCounters>;
  /** About one reading a second. */
  openStats(container: ContainerId, handlers: StreamHandlers<ResourceCounters>): EngineStream;
  /** From `sinceNano` on, nanoseconds since 1970 in decimal; from now on when undefined. */
  openEvents(sinceNano: string | undefined, handlers: StreamHandlers<EngineEvent>): EngineStream;
  /** Whether the network has a subnet that was configured, so that addresses can be asked for. */
  networkHasSubnet(networkId: string): Answer<boolean>;
}

/** Changing what runs. */
export interface EngineActor {
  pause(container: ContainerId): Answer<void>;
  unpause(container: ContainerId): Answer<void>;
  /** SIGKILL. */
  kill(container: ContainerId): Answer<void>;
  stop(container: ContainerId, graceSeconds: number): Answer<void>;
  update(container: ContainerId, change: ContainerChange): Answer<void>;
  attach(networkId: string, container: ContainerId, request: AttachRequest): Answer<void>;
  detach(networkId: string, container: ContainerId): Answer<void>;
}

export interface Engine extends EngineReader, EngineActor {
  /** For Sentra's own container on the engine's host. */
  readonly helper: HelperCalls;
  /** Closes every connection and stream. */
  close(): void;
}
