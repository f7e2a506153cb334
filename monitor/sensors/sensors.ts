import type { ContainerSummary, EngineError, EngineReader } from '../engine/port.ts';
import { starting, type Coverage, type Sight } from '../model/coverage.ts';
import type { Observation, ProcessObservation } from '../model/observation.ts';
import type { ContainerId, Workload } from '../model/workload.ts';
import type { Clock } from '../runtime/clock.ts';
import { createDisposer } from '../runtime/disposer.ts';
import { messageOf, type Logger } from '../runtime/logger.ts';
import { failed, type Result } from '../runtime/result.ts';
import { createCoverageBoard } from './coverage/coverage-board.ts';
import { resourceSight } from './coverage/resource-evidence.ts';
import { askingSight, connectionSight, eventsSight } from './lifecycle/connection-sight.ts';
import { watchHost } from './host/host-watch.ts';
import type { IgnoredContainer } from './lifecycle/tracked-container.ts';
import { relistAfterMs } from './lifecycle/relist-pace.ts';
import {
  watchWorkloads,
  type ConnectionState,
  type EventSight,
} from './lifecycle/workload-watcher.ts';
import { listProcesses } from './process/process-list.ts';
import { createProcessSights } from './process/process-sight.ts';
import { declineCgroups } from './resource/cgroup-source.ts';
import { startSampler } from './resource/sampler.ts';
import { createCallSources } from './call-sources.ts';
import { beginHunt, type OutsiderHunt } from './outsiders/outsider-hunt.ts';
import { createOutsiderLook } from './outsiders/outsider-look.ts';
import { createOutsiderScan } from './outsiders/outsider-scan.ts';
import { noSource } from './syscalls/syscalls-sight.ts';
import type { SensorSettings } from './sensor-settings.ts';

/** What happened to the set of watched containers. */
export type WorkloadChange =
  | { readonly kind: 'added'; readonly workload: Workload }
  | { readonly kind: 'changed'; readonly workload: Workload }
  | { readonly kind: 'gone'; readonly workload: Workload };

export interface SensorOptions {
  readonly reader: EngineReader;
  readonly selects: (summary: ContainerSummary) => boolean;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Every observation of every sensor, coverage included, in the order in which they were made. */
  readonly onObservation: (observation: Observation) => void;
  readonly onWorkload: (change: WorkloadChange) => void;
  /** A container is not watched: that has just turned out, or it has new network interfaces. */
  readonly onPassedOver?: (container: ContainerId) => void;
  readonly onConnection: (connection: ConnectionState) => void;
  readonly settings?: SensorSettings;
}

/** The running sensors. */
export interface Sensors {
  workloads(): readonly Workload[];
  /** The containers of the engine that are not watched, and why. */
  ignored(): readonly IgnoredContainer[];
  /** Whether the engine's list was read once and each container on it was looked at. */
  isListed(): boolean;
  /**
   * Asks for `hertz` readings a second of one container, 0.25 to 10. The rate it really gets: 1 for
   * a container read through the engine's stats, 0 for one that is not watched.
   */
  setRate(container: ContainerId, hertz: number): number;
  /** The badges of one container as they stand; changes come as coverage observations. */
  coverage(container: ContainerId): readonly Coverage[];
  /** How many processes of the container are known to be outside its cgroup. */
  outside(container: ContainerId): number;
  /** Looks for them now, among all processes of this machine. */
  lookOutside(container: ContainerId): Promise<void>;
  /** To end those that outlive a kill; undefined where none does, or nothing can be read. */
  huntOutside(container: ContainerId): OutsiderHunt | undefined;
  /** Names of the watched containers that live in the pid namespace of this one. */
  pidSharers(container: ContainerId): readonly string[];
  /**
   * The container's processes now, which are observed too. Dear for the engine; fails as `gone`
   * for a container that is not watched.
   */
  processes(container: ContainerId): Promise<Result<ProcessObservation, EngineError>>;
  /** The process that counts system calls in the kernel, while there is one. */
  kernelSensor(): number | undefined;
  /** The processes that work for the sensors on this machine, that one among them. */
  companions(): readonly number[];
  /** What is seen of a container's egress, by whoever guards it; undefined takes the badge off. */
  showEgress(container: ContainerId, sight: Sight | undefined, dropped: number): void;
  /** What `selects` answers has changed: every container is looked at again. */
  reselect(): void;
  /** Ends all loops and streams and closes all files; nothing is told after it has resolved. */
  stop(): Promise<void>;
}

/** Starts every sensor over one engine. Nothing is told before this function has returned. */
export function startSensors(options: SensorOptions): Sensors {
  const { reader, clock, logger, onObservation } = options;
  const settings = options.settings ?? {};
  const procFolder = settings.procFolder ?? '/proc';
  const disposer = createDisposer();
  const board = createCoverageBoard(clock, onObservation);
  const watched = new Map<ContainerId, Workload>();
  const lost = new Map<ContainerId, number>();
  /** Events that could not be understood, and may have been of any container. */
  let lostOfAny = 0;
  let unattributed = 0;
  let stopped = false;
  let eventSight: EventSight | undefined;
  let engineSight: Sight = starting;
  const processSights = createProcessSights();

  /** What comes by the engine alone: its events, and what it answers about processes. */
  function showEngine(workload: Workload): void {
    const dropped = lostOfAny + (lost.get(workload.container) ?? 0);
    board.show(workload, 'lifecycle', eventsSight(engineSight, eventSight), dropped);
    const asking = askingSight(engineSight, eventSight);
    const sight = processSights.sight(workload, asking, clock.monotonic());
    board.show(workload, 'process', sight, 0);
  }

  function showEngines(): void {
    for (const workload of watched.values()) showEngine(workload);
  }

  // Where only the engine is asked, and where nobody sees the kernel that runs the containers, there is none.
  const isSeen = process.platform === 'linux' || settings.loader !== undefined;
  const syscalls =
    isSeen && settings.byApi !== true && !reader.about.simulated
      ? createCallSources({
          ...settings,
          procFolder,
          clock,
          logger,
          onObservation,
          onChange: () => showSyscalls(clock.monotonic()),
        })
      : undefined;
  if (syscalls !== undefined) disposer.add(() => syscalls.stop());

  function showSyscalls(now: number): void {
    for (const workload of watched.values()) {
      const { container } = workload;
      const evidence = sampler.evidence(container);
      const elsewhere = evidence?.carrier === 'stats' && !reader.about.simulated;
      const sight = syscalls?.sight(container, evidence, now) ?? (elsewhere ? noSource : undefined);
      // One that has stopped keeps its badge, which says nothing until it runs again.
      if (sight === undefined && !board.has(container, 'syscalls')) continue;
      board.show(workload, 'syscalls', sight ?? starting, syscalls?.dropped(container) ?? 0);
    }
  }

  const outsiders = createOutsiderScan(procFolder);
  const lookOutside = createOutsiderLook(outsiders, clock);
  const sampler = startSampler({
    reader,
    outsiders,
    clock,
    logger,
    procFolder,
    ...(settings.byApi === true ? { openSource: declineCgroups } : {}),
    periodMs: settings.samplePeriodMs ?? 1000,
    onObservation,
    onDoubt: (container) => watcher.recheck(container),
    onFound: (container) => watcher.suspect(container),
    onSwept(now) {
      // Losses are shown here and not one by one: there may be thousands at once.
      showEngines();
      if (unattributed > 0) {
        const events = unattributed === 1 ? '1 event belongs' : `${unattributed} events belong`;
        logger.info(`${events} to containers that were gone before they could be inspected.`);
        unattributed = 0;
      }
      for (const workload of watched.values()) {
        const evidence = sampler.evidence(workload.container);
        if (evidence === undefined) continue;
        board.show(workload, 'resource', resourceSight(evidence, now), evidence.dropped);
      }
      showSyscalls(now);
    },
  });
  disposer.add(() => sampler.stop());

  const watcher = watchWorkloads({
    reader,
    selects: options.selects,
    clock,
    logger,
    relistMs: () => settings.relistMs ?? relistAfterMs(sampler),
    onAdded(workload) {
      watched.set(workload.container, workload);
      board.add(workload);
      options.onWorkload({ kind: 'added', workload });
      showEngine(workload);
      sampler.watch(workload);
      syscalls?.watch(workload);
    },
    onChanged(workload) {
      watched.set(workload.container, workload);
      options.onWorkload({ kind: 'changed', workload });
      sampler.watch(workload);
      syscalls?.watch(workload);
    },
    onGone(workload) {
      watched.delete(workload.container);
      lost.delete(workload.container);
      processSights.forget(workload.container);
      board.remove(workload.container);
      sampler.forget(workload.container);
      syscalls?.forget(workload.container);
      options.onWorkload({ kind: 'gone', workload });
    },
    onPassedOver: (container) => options.onPassedOver?.(container),
    onFact(workload, event, at) {
      const { key, container } = workload;
      onObservation({ kind: 'lifecycle', at, workload: key, container, event });
    },
    onConnection(connection) {
      engineSight = connectionSight(connection);
      eventSight ??= { state: 'seeing' };
      options.onConnection(connection);
      showEngines();
    },
    onSight(sight) {
      eventSight = sight;
      showEngines();
    },
    onLost(loss, count) {
      switch (loss.of) {
        case 'container':
          lost.set(loss.container, (lost.get(loss.container) ?? 0) + count);
          return;
        case 'any':
          lostOfAny += count;
          return;
        case 'vanished':
          unattributed += count;
      }
    },
  });
  disposer.add(() => watcher.stop());

  const host = watchHost({
    clock,
    logger,
    procFolder,
    powerFolder: settings.powerFolder ?? '/sys/class/power_supply',
    periodMs: settings.hostPeriodMs ?? 30_000,
    onObservation,
  });
  disposer.add(() => host.stop());

  return {
    workloads: () => [...watched.values()],
    ignored: () => watcher.ignored(),
    isListed: () => watcher.isListed(),
    setRate(container, hertz) {
      // What is read more often than usual is looked at closely.
      const usual = 1000 / (settings.samplePeriodMs ?? 1000);
      syscalls?.lookClosely(container, hertz > Math.max(1, usual));
      return sampler.setRate(container, hertz);
    },
    coverage: (container) => board.of(container),
    outside: (container) => outsiders.outside(container),
    lookOutside,
    huntOutside(container) {
      const workload = settings.byApi === true ? undefined : watched.get(container);
      return workload && beginHunt(procFolder, clock, workload);
    },
    pidSharers: (container) =>
      outsiders.sharers(container).flatMap((id) => watched.get(id)?.name ?? []),
    async processes(container) {
      const workload = watched.get(container);
      if (workload === undefined) return failed(notWatched);
      const answer = await listProcesses(reader, workload, clock);
      // Nothing is told of a container that went meanwhile, nor after the end.
      if (stopped || !watched.has(container)) return answer;
      processSights.answered(workload, answer, clock.monotonic());
      showEngine(watched.get(container) ?? workload);
      if (answer.ok) onObservation(answer.value);
      return answer;
    },
    kernelSensor: () => syscalls?.loader(),
    companions: () => syscalls?.companions() ?? [],
    showEgress(container, sight, dropped) {
      const workload = watched.get(container);
      if (workload === undefined || stopped) return;
      if (sight === undefined) board.hideEgress(container);
      else board.show(workload, 'egress', sight, dropped);
    },
    reselect: () => watcher.reselect(),
    async stop() {
      stopped = true;
      for (const failure of await disposer.dispose()) {
        logger.error(`A sensor did not stop cleanly: ${messageOf(failure)}`);
      }
    },
  };
}

const notWatched: EngineError = {
  kind: 'gone',
  message: 'No watched container has this id.',
  advice: 'Ask for one that is watched.',
};
