import type { AgentKind } from './agents/agent.ts';
import type { IncidentRequest } from './incident.ts';

/** A network beside the engine's own three (`bridge`, `host`, `none`). */
export interface NetworkPlan {
  readonly name: string;
  /**
   * Subnet that the person configured, for example `10.77.0.0/24`; without one the engine picks, and
   * no address can be asked for. Only /16 and /24 are simulated.
   */
  readonly subnet?: string;
  readonly internal?: boolean;
}

export interface RestartPolicy {
  readonly name: 'no' | 'always' | 'unless-stopped' | 'on-failure';
  readonly maximumRetryCount: number;
}

/** An incident that begins by itself. */
export interface PlannedIncident extends IncidentRequest {
  /** Virtual seconds after the simulator's start. */
  readonly afterSeconds: number;
}

/** One simulated container. */
export interface ContainerPlan {
  readonly name: string;
  readonly agent: AgentKind;
  readonly image: string;
  readonly command?: readonly string[];
  readonly labels?: Readonly<Record<string, string>>;
  /** `default` (the engine's bridge) when not given; also `host`, `none` or `container:NAME`. */
  readonly networkMode?: string;
  /** Names of networks it is attached to, when `networkMode` is not given. The first carries traffic. */
  readonly networks?: readonly string[];
  readonly aliases?: readonly string[];
  /** An address asked for on the first network. */
  readonly ipv4?: string;
  readonly restartPolicy?: RestartPolicy;
  /** Bytes; no limit when not given. */
  readonly memoryLimitBytes?: number;
  /** Thousand-millionths of a core; no limit when not given. */
  readonly nanoCpus?: number;
  readonly pidsLimit?: number;
  /** What SIGTERM does to its first process; `exits` when not given. */
  readonly onTerminate?: 'exits' | 'ignores';
  readonly healthCheck?: { readonly command: string; readonly intervalSeconds: number };
  /** Not started when true. */
  readonly created?: boolean;
  readonly incidents?: readonly PlannedIncident[];
}

/** Everything that runs on a simulated engine. Names are unique. */
export interface Plan {
  readonly containers: readonly ContainerPlan[];
  readonly networks: readonly NetworkPlan[];
}
