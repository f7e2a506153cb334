import type { EngineReader } from '../../engine/port.ts';
import type { ResourceObservation } from '../../model/observation.ts';
import type { ContainerId, Workload } from '../../model/workload.ts';
import type { Clock } from '../../runtime/clock.ts';
import { messageOf, type Logger } from '../../runtime/logger.ts';
import { startLoop } from '../../runtime/loop.ts';
import type { OutsiderScan } from '../outsiders/outsider-scan.ts';
import type { ResourceEvidence } from '../coverage/resource-evidence.ts';
import { openCgroupSource, readMounts } from './cgroup-source.ts';
import { createFastLoop, rateWithin } from './fast-loop.ts';
import { createMountWatch } from './mount-watch.ts';
import { createCgroupRoster } from './cgroup-roster.ts';
import {
  allSettled,
  beginAnew,
  checkPlace,
  enterPhase,
  fastestByFiles,
  followStats,
  isSettled,
  newSampled,
  phaseOf,
  staysStill,
  takePaused,
  takeReading,
  takeStillSpan,
  type SampledContainer,
} from './sampled-container.ts';
import { openStatsSource } from './stats-source.ts';
import { createStillWitness } from './still-witness.ts';

export interface SamplerOptions {
  readonly reader: Pick<EngineReader, 'about' | 'openStats'>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Usually /proc. */
  readonly procFolder: string;
  readonly outsiders: OutsiderScan;
  /** How a container's cgroup is opened, where not as usual. */
  readonly openSource?: typeof openCgroupSource;
  /** From sweep to sweep, milliseconds. */
  readonly periodMs: number;
  readonly onObservation: (observation: ResourceObservation) => void;
  /** The files say that the container is no longer as the engine told. */
  readonly onDoubt: (container: ContainerId) => void;
  /** A cgroup of a container was found that is not among those watched; told once. */
  readonly onFound: (container: ContainerId) => void;
  /** After each sweep; `now` is monotonic. */
  readonly onSwept: (now: number) => void;
}

/** Reads the resource use of the containers that it is given. */
export interface Sampler {
  /** Takes the container in, or takes over what changed about it. */
  watch(workload: Workload): void;
  forget(container: ContainerId): void;
  /** Asks for 0.25 to 10 readings a second. The rate really given: always 1 by the stats stream. */
  setRate(container: ContainerId, hertz: number): number;
  evidence(container: ContainerId): ResourceEvidence | undefined;
  /** Whether new containers would be found by their cgroups. */
  findsContainers(): boolean;
  /** Whether no container that runs has used CPU for a minute, by files that were read each second. */
  standsStill(): boolean;
  /** Reads all containers now, as the loop does. For measuring. */
  sweep(): void;
  stop(): Promise<void>;
}

/** Failures to open the cgroup of a process that is here, before the engine's stats are used. */
const mostFailures = 3;
/**
 * Sweeps from one look to the next: at where the main process is, at what is mounted, and at the
 * limits, whose changes the engine tells as well.
 */
const sweepsPerCheck = 4;
const sweepsPerRoster = 3;
const sweepsPerLimits = 240;

/** A sampler that sweeps all containers every `periodMs`. */
export function startSampler(options: SamplerOptions): Sampler {
  const { reader, clock, procFolder, outsiders: scan, openSource = openCgroupSource } = options;
  const containers = new Map<ContainerId, SampledContainer>();
  const roster = createCgroupRoster();
  let mounts = readMounts(procFolder);
  let sweeps = 0;
  /** The rate of the sweeps; containers that want more are read by the fast loop. */
  const sweepHertz = 1000 / options.periodMs;
  const mountWatch = createMountWatch(procFolder);
  const witness = createStillWitness();
  let stopping: Promise<void> | undefined;
  let remounted = false; // Whether this sweep looks at where all paths lead.

  function close(sampled: SampledContainer, retryAt: number): void {
    const { source } = sampled;
    if (source.kind === 'cgroup') source.cgroup.close();
    if (source.kind === 'stats') source.stats.close();
    sampled.source = { kind: 'none', retryAt };
    sampled.evidence.carrier = 'none';
    scan.remove(sampled.workload.container);
    roster.remove(sampled.workload.container);
  }

  function openStats(sampled: SampledContainer): void {
    const { container, name } = sampled.workload;
    const stats = openStatsSource(reader, container, clock, {
      onCounters(counters) {
        const now = clock.monotonic();
        takePaused(sampled, counters.cpuNanoseconds, now, options.onDoubt);
        if (sampled.evidence.phase !== 'running') return;
        const at = clock.now();
        tell(takeReading(sampled, counters, 'stats', at, now, 1000));
      },
      onGarbage() {
        sampled.evidence.dropped += 1;
      },
    });
    options.logger.debug(`${name} is read through the engine's stats.`);
    followStats(sampled, stats);
    if (sampled.hertz > sweepHertz) tuneFastLoop();
  }

  function open(sampled: SampledContainer, now: number): void {
    const { workload, evidence } = sampled;
    let opened = openSource(procFolder, mounts, workload, witness);
    if (!opened.ok && opened.error.kind === 'unreadable') {
      mounts = readMounts(procFolder);
      opened = openSource(procFolder, mounts, workload, witness);
    }
    if (opened.ok) {
      sampled.failures = 0;
      sampled.source = { kind: 'cgroup', cgroup: opened.value };
      if (sampled.hertz > sweepHertz) tuneFastLoop();
      evidence.carrier = 'cgroup';
      roster.add(workload.container, opened.value.folder);
      scan.add(workload.container, {
        namespace: opened.value.pidNamespace,
        mainPid: workload.mainPid,
        paths: opened.value.paths,
      });
      evidence.files = opened.value.files();
      checkPlace(sampled, options.onDoubt);
      sample(sampled, now, options.periodMs);
      return;
    }
    sampled.failures += 1;
    // A process that was here and is gone has died: its successor will be told.
    const died = evidence.mainProcess === 'gone' && sampled.failures < mostFailures;
    if (died) sampled.source = { kind: 'none', retryAt: now + options.periodMs };
    else openStats(sampled);
  }

  function sample(sampled: SampledContainer, now: number, periodMs: number): void {
    if (sampled.source.kind !== 'cgroup') return;
    // A reading so soon after the last one gives rates of little worth.
    if (sampled.previous !== undefined && now - sampled.previousAt < periodMs / 2) return;
    const { cgroup } = sampled.source;
    const settled = periodMs >= options.periodMs && isSettled(sampled, now);
    if (settled && staysStill(sampled, cgroup.cpuNanoseconds(), clock.now(), now)) return;
    const slot = sampled.spare;
    if (!cgroup.read(slot, settled)) {
      sampled.evidence.mainProcess = 'gone';
      sampled.previous = undefined;
      close(sampled, now + options.periodMs);
      options.onDoubt(sampled.workload.container);
      return;
    }
    slot.at = clock.now();
    if (settled && slot.cpuNanoseconds !== sampled.previous?.cpuNanoseconds) {
      tell(takeStillSpan(sampled, periodMs));
    }
    sampled.spare = sampled.other;
    sampled.other = slot;
    tell(takeReading(sampled, slot, 'cgroup', slot.at, clock.monotonic(), periodMs));
  }

  function tell(observation: ResourceObservation | undefined): void {
    if (observation !== undefined) options.onObservation(observation);
  }

  function tend(sampled: SampledContainer, index: number, now: number): void {
    const { source, evidence } = sampled;
    switch (source.kind) {
      case 'none':
        if (now >= source.retryAt) open(sampled, now);
        return;
      case 'stats':
        source.stats.tend();
        return;
      case 'cgroup':
        // Spread over the sweeps, so that none costs much more than the others.
        if ((index + sweeps) % sweepsPerLimits === 0) source.cgroup.refreshLimits();
        if (remounted || evidence.files !== 'same') evidence.files = source.cgroup.files();
        if (evidence.phase === 'paused') {
          takePaused(sampled, source.cgroup.cpuNanoseconds(), now, options.onDoubt);
        } else if (sampled.hertz <= sweepHertz) {
          sampleWhenDue(sampled, now);
        }
        if ((index + sweeps) % sweepsPerCheck === 0) checkPlace(sampled, options.onDoubt);
    }
  }

  function sampleWhenDue(sampled: SampledContainer, now: number): void {
    const periodMs = Math.max(options.periodMs, 1000 / sampled.hertz);
    // Half a sweep of tolerance: the loop is not exact.
    const dueAt = sampled.previousAt + periodMs - options.periodMs / 2;
    if (sampled.previous === undefined || now >= dueAt) sample(sampled, now, periodMs);
  }

  function sweep(): void {
    const now = clock.monotonic();
    sweeps += 1;
    witness.look();
    remounted = sweeps % sweepsPerCheck === 0 && mountWatch.changed();
    let index = 0;
    for (const sampled of containers.values()) {
      index += 1;
      if (sampled.evidence.phase !== 'stopped') tend(sampled, index, now);
    }
    scan.step();
    for (const sampled of containers.values()) {
      sampled.evidence.outside = scan.outside(sampled.workload.container);
    }
    if (sweeps % sweepsPerRoster === 0)
      roster.look((id) => containers.has(id) || options.onFound(id));
    options.onSwept(now);
  }

  function sweepFast(): void {
    const now = clock.monotonic();
    for (const sampled of containers.values()) {
      if (sampled.hertz <= sweepHertz || sampled.evidence.phase !== 'running') continue;
      const periodMs = 1000 / sampled.hertz;
      if (now - sampled.previousAt >= periodMs * 0.75) sample(sampled, now, periodMs);
    }
  }

  const onError = (error: unknown): void =>
    options.logger.error(`A sweep over the containers failed: ${messageOf(error)}`);
  const loop = startLoop({ periodMs: options.periodMs, timeoutMs: 5000, run: sweep, onError });
  const fast = createFastLoop(sweepFast, sweepHertz, onError);

  /** Keeps the fast loop only while a container needs it, at the rate of the fastest. */
  const tuneFastLoop = (): void => fast.tune(fastestByFiles(containers.values()));

  async function end(): Promise<void> {
    await loop.stop();
    await fast.stop();
    for (const sampled of containers.values()) close(sampled, 0);
    containers.clear();
    mountWatch.close();
  }

  return {
    watch(workload) {
      const now = clock.monotonic();
      let sampled = containers.get(workload.container);
      if (sampled === undefined) {
        sampled = newSampled(workload, sweepHertz, reader.about.hostMemoryBytes, now);
        containers.set(workload.container, sampled);
      }
      const before = sampled.workload;
      sampled.workload = workload;
      const phase = phaseOf(workload);
      enterPhase(sampled, phase, now);
      const otherRun =
        before.mainPid !== workload.mainPid ||
        before.startedAt !== workload.startedAt ||
        before.network.kind !== workload.network.kind;
      if (phase === 'stopped' || otherRun) {
        close(sampled, now);
        beginAnew(sampled, now);
        sampled.evidence.mainProcess = 'unknown';
        sampled.failures = 0;
      }
      if (phase !== 'stopped' && sampled.source.kind === 'none') open(sampled, now);
      if (sampled.source.kind === 'cgroup') sampled.source.cgroup.refreshLimits();
    },
    forget(container) {
      const sampled = containers.get(container);
      if (sampled === undefined) return;
      close(sampled, 0);
      containers.delete(container);
      tuneFastLoop();
    },
    setRate(container, hertz) {
      const sampled = containers.get(container);
      if (sampled === undefined) return 0;
      sampled.hertz = rateWithin(hertz);
      if (sampled.source.kind === 'stats') return 1;
      tuneFastLoop();
      return sampled.hertz;
    },
    evidence: (container) => containers.get(container)?.evidence,
    findsContainers: () => roster.isWatching(),
    standsStill: () => allSettled(containers.values(), clock.monotonic()),
    sweep,
    stop: () => (stopping ??= end()),
  };
}
