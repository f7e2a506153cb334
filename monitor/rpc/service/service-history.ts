import type { Action } from '../../model/action.ts';
import type { ContainerFacts } from '../../model/container-facts.ts';
import type { Coverage } from '../../model/coverage.ts';
import type { Decision } from '../../model/decision.ts';
import type { Finding } from '../../model/finding.ts';
import type { ProcessEntry } from '../../model/observation.ts';
import type { Moment } from '../../model/time.ts';
import type { ContainerId, WorkloadKey } from '../../model/workload.ts';
import type { Result } from '../../runtime/result.ts';

/** What a chart can show: members of a resource observation, in their units. */
export const historySeries = [
  'cpuCores',
  'throttledShare',
  'memoryBytes',
  'anonymousBytes',
  'cacheBytes',
  'memoryLimitBytes',
  'faultsPerSecond',
  'pids',
  'pidsLimit',
  'receivedBytes',
  'sentBytes',
  'receivedPackets',
  'sentPackets',
  'readBytes',
  'writtenBytes',
] as const;

export type HistorySeriesName = (typeof historySeries)[number];

/** How long one span of a history is. */
export const resolutions = ['second', 'minute', 'hour'] as const;

export type HistoryResolution = (typeof resolutions)[number];

/** Which part of the past is asked for. */
export interface HistoryQuery {
  readonly workload: WorkloadKey;
  /** The first span starts here or later. */
  readonly from: Moment;
  /** The last span starts before. Later than `from`. */
  readonly to: Moment;
  readonly resolution: HistoryResolution;
  /** 1 to 15 series, each once. */
  readonly series: readonly HistorySeriesName[];
}

/** One series over the spans of a history; null where a span has no value of it. */
export interface HistorySeries {
  readonly name: HistorySeriesName;
  readonly mean: readonly (number | null)[];
  readonly max: readonly (number | null)[];
  /**
   * The range that 99 of 100 seconds of this workload lie in, in the unit of the series. Undefined
   * while the workload is learned, and for series of which no range is learned: there is one for
   * `cpuCores`, `anonymousBytes`, `pids`, `sentBytes` and `receivedBytes`.
   */
  readonly learned: { readonly low: number; readonly high: number } | undefined;
}

/**
 * Resource use over time, by columns: `at[i]` is when span `i` starts, `series[n].mean[i]` its mean.
 * Spans without any sample are left out, so that a gap in `at` is a gap in what was seen. At most
 * 5,000 spans, the latest.
 */
export interface History {
  readonly at: readonly Moment[];
  /** In the order of the query. */
  readonly series: readonly HistorySeries[];
}

/** Which events of a workload are asked for, newest first. */
export interface TimelineQuery {
  readonly workload: WorkloadKey;
  /** Only what came at this moment or later. */
  readonly since?: Moment | undefined;
  /** At most so many, 1 to 1000. */
  readonly limit: number;
}

/**
 * Something that happened to a workload. A finding stands once, in its latest version and at the
 * moment of that; an action at the moment it began.
 */
export type TimelineEntry =
  | { readonly kind: 'finding'; readonly at: Moment; readonly finding: Finding }
  | { readonly kind: 'decision'; readonly at: Moment; readonly decision: Decision }
  | { readonly kind: 'action'; readonly at: Moment; readonly action: Action }
  | {
      readonly kind: 'coverage';
      readonly at: Moment;
      readonly container: ContainerId;
      readonly coverage: Coverage;
    };

/** Which decisions are asked for, newest first. Undefined members do not narrow. */
export interface DecisionQuery {
  /** The id of the finding they are about. */
  readonly finding?: string | undefined;
  readonly workload?: WorkloadKey | undefined;
  /** At most so many, 1 to 1000. */
  readonly limit: number;
}

/** Which actions are asked for, newest first. Undefined members do not narrow. */
export interface ActionQuery {
  readonly workload?: WorkloadKey | undefined;
  /** Only what began at this moment or later. */
  readonly since?: Moment | undefined;
  /** At most so many, 1 to 1000. */
  readonly limit: number;
}

/** Why the record was not read: what it has is not known, which is not that it has nothing. */
export interface RecordRefusal {
  readonly kind: 'record-failed';
  readonly message: string;
  readonly advice: string;
}

/** The processes of one container at one moment, at most 500. Text is untrusted. */
export interface ProcessList {
  readonly at: Moment;
  readonly container: ContainerId;
  readonly processes: readonly ProcessEntry[];
  /** How many more there were. */
  readonly omitted: number;
}

/** Why there is no process list. */
export interface ProcessRefusal {
  readonly kind: 'not-watched' | 'not-running' | 'engine-failed';
  readonly message: string;
  readonly advice: string;
}

/** Why the engine's word on a container could not be had. */
export interface FactsRefusal {
  readonly kind: 'not-watched' | 'engine-failed';
  readonly message: string;
  readonly advice: string;
}

/** What the record and the engine can tell of the past and of what runs. */
export interface HistoryService {
  history(query: HistoryQuery): Result<History, RecordRefusal>;
  timeline(query: TimelineQuery): Result<readonly TimelineEntry[], RecordRefusal>;
  /** What the policy did or, in observe mode, would have done. */
  decisions(query: DecisionQuery): Result<readonly Decision[], RecordRefusal>;
  /** What was done to containers. */
  actions(query: ActionQuery): Result<readonly Action[], RecordRefusal>;
  /** Asks the engine how a watched container was made: for a person who looks. */
  containerFacts(of: {
    readonly container: ContainerId;
  }): Promise<Result<ContainerFacts, FactsRefusal>>;
  /** Asks the engine, which runs a `ps` for it: for a person who looks, not for every second. */
  processes(of: { readonly container: ContainerId }): Promise<Result<ProcessList, ProcessRefusal>>;
}
