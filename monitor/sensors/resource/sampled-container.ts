import type { ResourceCounters } from '../../engine/port.ts';
import type { ResourceObservation } from '../../model/observation.ts';
import type { Milliseconds, Moment } from '../../model/time.ts';
import type { ContainerId, Workload } from '../../model/workload.ts';
import { newEvidence, weighPaused, type ResourceEvidence } from '../coverage/resource-evidence.ts';
import { freezesByCgroup } from '../freezer/freezer-place.ts';
import type { CgroupSource } from './cgroup-source.ts';
import { newSlot, type CounterSlot } from './counter-slot.ts';
import { toObservation, type RateContext } from './rates.ts';
import type { StatsSource } from './stats-source.ts';

/** Where a container's figures come from at present. */
export type Source =
  | { readonly kind: 'cgroup'; readonly cgroup: CgroupSource }
  | { readonly kind: 'stats'; readonly stats: StatsSource }
  /** Looked for again at `retryAt`, monotonic. */
  | { readonly kind: 'none'; readonly retryAt: number };

/** One container of the sampler, with its last reading. Changed in place. */
export interface SampledContainer {
  workload: Workload;
  source: Source;
  /** Readings a second that were asked for. */
  hertz: number;
  previous: ResourceCounters | undefined;
  previousAt: number;
  /** When CPU time last moved, monotonic. */
  movedAt: number;
  /** When it was last seen to stand still although no reading was taken: monotonic, and wall time. */
  stillAt: number;
  stillMoment: Moment;
  /** Two slots in turn: the last reading, and the one that is being read. */
  spare: CounterSlot;
  other: CounterSlot;
  readonly evidence: ResourceEvidence;
  /** How often in a row the cgroup could not be opened although the process was here. */
  failures: number;
  readonly context: { -readonly [Key in keyof RateContext]: RateContext[Key] };
}

/** A container that has not been read yet. */
export function newSampled(
  workload: Workload,
  hertz: number,
  hostMemoryBytes: number,
  now: number,
): SampledContainer {
  return {
    workload,
    source: { kind: 'none', retryAt: now },
    hertz,
    previous: undefined,
    previousAt: 0,
    movedAt: now,
    stillAt: 0,
    stillMoment: 0,
    spare: newSlot(),
    other: newSlot(),
    evidence: newEvidence(now),
    failures: 0,
    context: { workload, at: 0, elapsedMs: 0, hostMemoryBytes, carrier: 'cgroup' },
  };
}

/**
 * Takes a reading: the observation that it gives together with the one before, if it gives one.
 * `at` is wall time, `now` monotonic, `periodMs` what lies between two readings when all is well.
 */
export function takeReading(
  sampled: SampledContainer,
  next: ResourceCounters,
  carrier: ResourceObservation['carrier'],
  at: Moment,
  now: number,
  periodMs: Milliseconds,
): ResourceObservation | undefined {
  const { evidence, previous, context } = sampled;
  const elapsedMs = now - sampled.previousAt;
  if (next.cpuNanoseconds !== previous?.cpuNanoseconds) sampled.movedAt = now;
  sampled.previous = next;
  sampled.previousAt = now;
  if (previous === undefined) {
    arrived(evidence, now);
    return undefined;
  }
  context.workload = sampled.workload;
  context.at = at;
  context.elapsedMs = elapsedMs;
  context.carrier = carrier;
  const observation = toObservation(previous, next, context);
  if (observation === 'no-time') return undefined;
  if (observation === 'gap') {
    // Nothing is judged by it, so that it is no sign of sight: where only gaps come, Sentra is blind.
    evidence.dropped += Math.max(1, Math.round(elapsedMs / periodMs) - 1);
    return undefined;
  }
  arrived(evidence, now);
  if (observation === 'restarted') return undefined;
  weigh(evidence, observation, now);
  return observation;
}

/** A container that has used no CPU for this long is settled, milliseconds. */
const settledAfterMs = 60_000;
/** How long a settled container may go on with its CPU time alone being read, milliseconds. */
const stillSpanMs = 8_000;

/**
 * Whether the container is settled: most are idle most of the time. Then its CPU time alone is read,
 * as often as ever, and one reading stands for as long as it stands still, eight seconds at most.
 */
export function isSettled(sampled: SampledContainer, now: number): boolean {
  return sampled.previous !== undefined && now - sampled.movedAt >= settledAfterMs;
}

/**
 * The highest rate that is asked for of those whose files are read; 0 for none. The engine's stats come
 * as they come, however often one looks for them.
 */
export function fastestByFiles(all: Iterable<SampledContainer>): number {
  let fastest = 0;
  for (const { hertz, source } of all) {
    if (hertz > fastest && source.kind === 'cgroup') fastest = hertz;
  }
  return fastest;
}

/** Whether all of them that run are settled, as the files of this machine tell. */
export function allSettled(all: Iterable<SampledContainer>, now: number): boolean {
  for (const sampled of all) {
    if (sampled.evidence.phase !== 'running') continue;
    if (sampled.source.kind !== 'cgroup' || !isSettled(sampled, now)) return false;
  }
  return true;
}

/**
 * Looks at the CPU time of a settled container. True when it stands still and no reading is due yet;
 * `now` is monotonic, `at` wall time.
 */
export function staysStill(
  sampled: SampledContainer,
  cpuNanoseconds: number,
  at: Moment,
  now: number,
): boolean {
  if (cpuNanoseconds !== sampled.previous?.cpuNanoseconds) return false;
  // Half a second of tolerance: the loop is not exact.
  if (now - sampled.previousAt >= stillSpanMs - 500) return false;
  arrived(sampled.evidence, now);
  sampled.stillAt = now;
  sampled.stillMoment = at;
  return true;
}

/**
 * The span in which a settled container stood still, once its CPU time has moved: so the reading that
 * follows stands for the time since then alone. Undefined where there is none to tell of.
 */
export function takeStillSpan(
  sampled: SampledContainer,
  periodMs: Milliseconds,
): ResourceObservation | undefined {
  const { previous, stillAt, stillMoment } = sampled;
  if (previous === undefined || stillAt <= sampled.previousAt) return undefined;
  return takeReading(sampled, previous, 'cgroup', stillMoment, stillAt, periodMs);
}

function arrived(evidence: ResourceEvidence, now: number): void {
  if (evidence.sampledAt === undefined) evidence.cpuMovedAt = now;
  evidence.sampledAt = now;
}

/** CPU time below this much a second is not taken for work, in cores: reading itself costs some. */
const idleCores = 0.000_05;

/** Holds the figures against each other. */
function weigh(evidence: ResourceEvidence, observation: ResourceObservation, now: number): void {
  if (observation.pids > 0) evidence.emptySince = undefined;
  else evidence.emptySince ??= now;
  if (observation.cpuCores > idleCores) {
    evidence.cpuMovedAt = now;
    evidence.bytesWithoutCpu = 0;
  } else {
    const sent = observation.network?.sentBytes ?? 0;
    evidence.bytesWithoutCpu += (sent * observation.intervalMs) / 1000;
  }
}

/** Forgets the last reading, so that no interval reaches across a pause or into another run. */
export function beginAnew(sampled: SampledContainer, now: number): void {
  const { evidence } = sampled;
  sampled.previous = undefined;
  sampled.movedAt = now;
  evidence.expectedSince = now;
  evidence.sampledAt = undefined;
  evidence.emptySince = undefined;
  evidence.bytesWithoutCpu = 0;
  evidence.cpuMovedAt = now;
  evidence.pausedCpu = undefined;
  evidence.ranPausedAt = undefined;
  evidence.ranPausedLooks = 0;
}

/** Takes over whether figures are to be expected from now on. */
export function enterPhase(
  sampled: SampledContainer,
  phase: ResourceEvidence['phase'],
  now: number,
): void {
  if (sampled.evidence.phase === phase) return;
  sampled.evidence.phase = phase;
  beginAnew(sampled, now);
}

/**
 * Takes in the CPU time of a container if it is paused, nanoseconds, -1 for none. Where it begins to
 * move, `onDoubt` is called: an unpause may not have been told yet. Sandboxes with a kernel of their
 * own use some even when they are paused.
 */
export function takePaused(
  sampled: SampledContainer,
  cpuNanoseconds: number,
  now: number,
  onDoubt: (container: ContainerId) => void,
): void {
  const { workload, evidence } = sampled;
  if (evidence.phase !== 'paused' || cpuNanoseconds < 0) return;
  if (!freezesByCgroup(workload.runtime)) return;
  if (weighPaused(evidence, cpuNanoseconds, now)) onDoubt(workload.container);
}

/**
 * Takes in where its main process and its traffic are, as its files tell. Where the process is gone,
 * `onDoubt` is called: its end may not have been told yet.
 */
export function checkPlace(
  sampled: SampledContainer,
  onDoubt: (container: ContainerId) => void,
): void {
  const { evidence, source, workload } = sampled;
  if (source.kind !== 'cgroup') return;
  evidence.mainProcess = source.cgroup.mainProcess();
  const network = source.cgroup.network();
  evidence.network = workload.network.kind === 'none' ? 'none' : network;
  if (evidence.mainProcess === 'gone') onDoubt(workload.container);
}

/** Whether figures are to be expected of the container. */
export function phaseOf(workload: Workload): ResourceEvidence['phase'] {
  if (workload.state === 'running') return 'running';
  return workload.state === 'paused' ? 'paused' : 'stopped';
}

/** From now on its figures come by the engine's stats, which tell nothing of its files. */
export function followStats(sampled: SampledContainer, stats: StatsSource): void {
  sampled.source = { kind: 'stats', stats };
  sampled.evidence.carrier = 'stats';
  sampled.evidence.mainProcess = 'unknown';
  sampled.evidence.files = 'same';
  sampled.evidence.network = networkEvidence(sampled.workload);
}

/** Whether the container's traffic can be told apart, from how it reaches the network. */
export function networkEvidence({ network }: Workload): ResourceEvidence['network'] {
  switch (network.kind) {
    case 'host':
    case 'shared':
      return 'inseparable';
    case 'none':
      return 'none';
    case 'own':
      return 'own';
  }
}
