import type {
  AskedName,
  EgressDestination,
  EgressMode,
  EgressProbe,
  WrittenEgressRule,
} from '../model/egress.ts';
import type { Observation } from '../model/observation.ts';
import type { ContainerId, Workload } from '../model/workload.ts';
import { messageOf } from '../runtime/logger.ts';
import { startLoop } from '../runtime/loop.ts';
import { failed, ok, type Result } from '../runtime/result.ts';
import { createContainerGuard, type ContainerGuard, type GuardParts } from './container-guard.ts';
import { createLookRound } from './look-round.ts';
import { readRule, writeRule } from './rule.ts';
import { rulesOf, withRule, withRules, type WorkloadRules } from './rule-book.ts';

/** What guards are made of, and how often they look. */
export interface EgressParts extends GuardParts {
  /** From look to look, milliseconds. */
  readonly periodMs: number;
}

/** The list of a container's workload, and what was seen of the container lately. */
export interface EgressList {
  readonly mode: EgressMode;
  readonly rules: readonly WrittenEgressRule[];
  readonly destinations: readonly EgressDestination[];
  readonly names: readonly AskedName[];
}

/** The walls around all watched containers. */
export interface Egress {
  /** A container appeared or changed; it is looked at now. */
  know(workload: Workload): void;
  /** A start, or a network that was attached, is a reason to look at once. */
  hear(observation: Observation): void;
  gone(container: ContainerId): void;
  list(workload: Pick<Workload, 'key' | 'container'>): EgressList;
  /** Puts a rule into the workload's list; resolves when its containers' walls follow it. */
  rule(workload: Workload, rule: WrittenEgressRule): Promise<Result<void, string>>;
  mode(workload: Workload, mode: EgressMode): Promise<Result<void, string>>;
  prove(container: ContainerId): Promise<Result<readonly EgressProbe[], string>>;
  /** Ends looking; walls and resolvers stay. */
  stop(): Promise<void>;
}

/** What brings interfaces that no wall stands before. */
const hurries: ReadonlySet<string> = new Set(['start', 'restart', 'network-attach']);

/** Knows no container. */
export function createEgress(parts: EgressParts): Egress {
  const guards = new Map<ContainerId, { key: string; guard: ContainerGuard }>();

  const round = createLookRound({
    carrier: parts.carrier,
    logger: parts.logger,
    all: () => [...guards.values()].map(({ guard }) => guard),
  });

  function lookAt(key?: string): Promise<void> {
    const entries = [...guards.values()].filter((each) => key === undefined || each.key === key);
    return round.at(entries.map(({ guard }) => guard));
  }

  async function change(
    workload: Workload,
    step: (rules: WorkloadRules) => WorkloadRules,
  ): Promise<Result<void, string>> {
    const book = parts.file.book();
    const next = withRules(book, workload.key, step(rulesOf(book, workload.key)));
    if (!next.ok) return next;
    const written = parts.file.replace(next.value);
    if (!written.ok) return written;
    await lookAt(workload.key);
    return ok(undefined);
  }

  const loop = startLoop({
    periodMs: parts.periodMs,
    timeoutMs: 60_000,
    async run() {
      parts.file.refresh();
      await lookAt();
    },
    onError: (error) => parts.logger.error(`Looking at egress failed: ${messageOf(error)}`),
  });

  return {
    know(workload) {
      const known = guards.get(workload.container);
      const guard = known?.guard ?? createContainerGuard(workload, parts);
      guard.know(workload);
      guards.set(workload.container, { key: workload.key, guard });
      void round.at([guard]);
    },
    hear(observation) {
      if (observation.kind !== 'lifecycle' || !hurries.has(observation.event.name)) return;
      const guard = guards.get(observation.container)?.guard;
      if (guard !== undefined) void round.at([guard]);
    },
    gone(container) {
      void guards.get(container)?.guard.end();
      guards.delete(container);
      void round.gate();
    },
    list(workload) {
      const { mode, rules } = rulesOf(parts.file.book(), workload.key);
      const lately = guards.get(workload.container)?.guard.lately();
      return {
        mode,
        rules: rules.map(writeRule),
        destinations: lately?.destinations ?? [],
        names: lately?.names ?? [],
      };
    },
    async rule(workload, written) {
      const rule = readRule(written);
      if (!rule.ok) return rule;
      return change(workload, (rules) => withRule(rules, rule.value));
    },
    mode: (workload, mode) => change(workload, ({ rules }) => ({ mode, rules })),
    async prove(container) {
      const guard = guards.get(container)?.guard;
      return guard === undefined ? failed('It is not watched.') : guard.prove();
    },
    async stop() {
      await loop.stop();
      // Waits for what each of them has in hand, without beginning anything.
      await Promise.all([...guards.values()].map(({ guard }) => guard.settled()));
      await round.settled();
      await parts.carrier.close();
    },
  };
}
