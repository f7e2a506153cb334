import type { SeriesName } from '../../detect/series.ts';
import type { EngineError } from '../../engine/port.ts';
import type { ContainerFacts } from '../../model/container-facts.ts';
import type { ProcessObservation } from '../../model/observation.ts';
import type { ContainerId, ContainerState, WorkloadKey } from '../../model/workload.ts';
import type { StoreError } from '../../record/store-error.ts';
import type { Store } from '../../record/store.ts';
import type {
  HistoryQuery,
  HistorySeries,
  HistorySeriesName,
  HistoryService,
  ProcessList,
  ProcessRefusal,
  RecordRefusal,
  TimelineEntry,
} from '../../rpc/service/service-history.ts';
import { failed, ok, type Result } from '../../runtime/result.ts';
import type { Losses } from '../losses.ts';

export interface HistoryParts {
  readonly store: Pick<Store, 'samples' | 'findings' | 'decisions' | 'actions' | 'coverage'>;
  readonly losses: Losses;
  /** What is usual for a workload; undefined while that is not known. */
  readonly usual: (
    workload: WorkloadKey,
    series: SeriesName,
  ) => { readonly low: number; readonly high: number } | undefined;
  /** Undefined for a container that is not watched. */
  readonly stateOf: (container: ContainerId) => ContainerState | undefined;
  readonly facts: (container: ContainerId) => Promise<Result<ContainerFacts, EngineError>>;
  readonly processes: (container: ContainerId) => Promise<Result<ProcessObservation, EngineError>>;
}

/** Which learned series speaks of which recorded one. */
const learnedAs: Readonly<Partial<Record<HistorySeriesName, SeriesName>>> = {
  cpuCores: 'cpu',
  anonymousBytes: 'memory',
  pids: 'processes',
  sentBytes: 'sent',
  receivedBytes: 'received',
};

/** Answers about the past from the record, and about processes from the engine. */
export function createHistoryService(parts: HistoryParts): HistoryService {
  const { store, losses } = parts;
  /** A list that is on its way, so that two who look at one container cost one `ps`. */
  const asked = new Map<ContainerId, Promise<Result<ProcessList, ProcessRefusal>>>();

  function answerOf<Value>(read: Result<Value, StoreError>): Result<Value, RecordRefusal> {
    losses.check(read);
    if (read.ok) return read;
    const { message, advice } = read.error;
    return failed({ kind: 'record-failed', message, advice });
  }

  /** Who does not run is not asked for: a refusal would count as a sensor gone blind. */
  async function ask(container: ContainerId): Promise<Result<ProcessList, ProcessRefusal>> {
    const state = parts.stateOf(container);
    if (state === undefined) return failed(notWatched);
    if (state !== 'running' && state !== 'paused') return failed(notRunning);
    const answer = await parts.processes(container);
    if (!answer.ok) return failed(refusalOf(answer.error));
    const { at, processes, omitted } = answer.value;
    return ok({ at, container, processes, omitted });
  }

  return {
    history({ workload, from, to, resolution, series }: HistoryQuery) {
      const read = answerOf(store.samples.read(workload, from, to, resolution));
      if (!read.ok) return read;
      const spans = read.value;
      return ok({
        at: spans.map(({ at }) => at),
        series: series.map((name): HistorySeries => {
          const learned = learnedAs[name];
          return {
            name,
            mean: spans.map((span) => span.series[name]?.mean ?? null),
            max: spans.map((span) => span.series[name]?.max ?? null),
            learned: learned === undefined ? undefined : parts.usual(workload, learned),
          };
        }),
      });
    },
    timeline({ workload, since, limit }) {
      const filter = { workload, limit, ...(since === undefined ? {} : { since }) };
      const findings = answerOf(store.findings.list(filter));
      if (!findings.ok) return findings;
      const decisions = answerOf(store.decisions.list(filter));
      if (!decisions.ok) return decisions;
      const actions = answerOf(store.actions.list(filter));
      if (!actions.ok) return actions;
      const coverage = answerOf(store.coverage.list(filter));
      if (!coverage.ok) return coverage;
      const entries: readonly TimelineEntry[] = [
        ...findings.value.map(
          ({ finding }) => ({ kind: 'finding', at: finding.at, finding }) as const,
        ),
        ...decisions.value.map(
          (decision) => ({ kind: 'decision', at: decision.at, decision }) as const,
        ),
        ...actions.value.map(
          (action) => ({ kind: 'action', at: action.startedAt, action }) as const,
        ),
        ...coverage.value.map(
          ({ at, container, coverage: seen }) =>
            ({ kind: 'coverage', at, container, coverage: seen }) as const,
        ),
      ];
      return ok(entries.toSorted((one, other) => other.at - one.at).slice(0, limit));
    },
    decisions: ({ finding, workload, limit }) =>
      answerOf(
        store.decisions.list({
          limit,
          ...(finding === undefined ? {} : { finding }),
          ...(workload === undefined ? {} : { workload }),
        }),
      ),
    actions: ({ workload, since, limit }) =>
      answerOf(
        store.actions.list({
          limit,
          ...(workload === undefined ? {} : { workload }),
          ...(since === undefined ? {} : { since }),
        }),
      ),
    async containerFacts({ container }) {
      if (parts.stateOf(container) === undefined) return failed(notWatched);
      const answer = await parts.facts(container);
      if (answer.ok) return answer;
      const { kind, message, advice } = answer.error;
      return failed({ kind: kind === 'gone' ? 'not-watched' : 'engine-failed', message, advice });
    },
    processes({ container }) {
      const known = asked.get(container);
      if (known !== undefined) return known;
      const answer = ask(container).finally(() => asked.delete(container));
      asked.set(container, answer);
      return answer;
    },
  };
}

const notWatched = {
  kind: 'not-watched',
  message: 'No watched container has this id.',
  advice: 'It may be gone: look at the list again.',
} as const satisfies ProcessRefusal;

const notRunning: ProcessRefusal = {
  kind: 'not-running',
  message: 'The container does not run, so that it has no processes.',
  advice: 'Look again when it runs.',
};

function refusalOf({ kind, message, advice }: EngineError): ProcessRefusal {
  switch (kind) {
    case 'gone':
      return { kind: 'not-watched', message, advice };
    case 'conflict':
      return { kind: 'not-running', message, advice: 'Look again when it runs.' };
    default:
      return { kind: 'engine-failed', message, advice };
  }
}
