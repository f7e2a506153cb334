import { seeing, starting, type Sight } from '../../model/coverage.ts';
import { assertNever } from '../../runtime/assert-never.ts';
import type { HeldIdentity } from '../resource/held-file.ts';

/**
 * What speaks for or against the figures of one container. Filled by the sampler in place; times
 * are monotonic milliseconds.
 */
export interface ResourceEvidence {
  /** Whether figures are to be expected: a paused container stands still rightly. */
  phase: 'running' | 'paused' | 'stopped';
  carrier: 'cgroup' | 'stats' | 'none';
  /** When figures were last expected to begin: at the start, after a pause. */
  expectedSince: number;
  /** When the latest reading that is good for an observation arrived since then. */
  sampledAt: number | undefined;
  mainProcess: 'inside' | 'elsewhere' | 'gone' | 'unknown';
  files: HeldIdentity;
  network: 'own' | 'inseparable' | 'unreadable' | 'elsewhere' | 'none';
  /** Since when no process is counted although the container runs. */
  emptySince: number | undefined;
  /** Bytes sent since CPU time last moved, and when it did. */
  bytesWithoutCpu: number;
  cpuMovedAt: number;
  /** CPU time used at the last look since it was paused, nanoseconds; undefined before the first. */
  pausedCpu: number | undefined;
  /** When its CPU time last moved although it is paused, and how many looks in a row it did. */
  ranPausedAt: number | undefined;
  ranPausedLooks: number;
  /** Processes of its pid namespace that are outside its cgroup. */
  outside: number;
  /** Readings that are known to be lost. */
  dropped: number;
}

/** Evidence of a container of which nothing has arrived. */
export function newEvidence(now: number): ResourceEvidence {
  return {
    phase: 'stopped',
    carrier: 'none',
    expectedSince: now,
    sampledAt: undefined,
    mainProcess: 'unknown',
    files: 'same',
    network: 'none',
    emptySince: undefined,
    bytesWithoutCpu: 0,
    cpuMovedAt: now,
    pausedCpu: undefined,
    ranPausedAt: undefined,
    ranPausedLooks: 0,
    outside: 0,
    dropped: 0,
  };
}

/** How long nothing may arrive before a sensor counts as blind, milliseconds. */
export const silenceMs = 5000;

/** How much a container may send without CPU time: answers that the kernel gives by itself. */
const kernelAnswerBytes = 65_536;

/**
 * What the figures are worth, from the evidence alone. `now` is monotonic milliseconds. The reasons
 * hold no changing numbers but the count of processes, so that a badge changes only when the facts
 * do.
 */
export function resourceSight(evidence: ResourceEvidence, now: number): Sight {
  switch (evidence.phase) {
    case 'stopped':
      return starting;
    case 'paused':
      return pausedSight(evidence, now);
    case 'running':
      return runningSight(evidence, now);
    default:
      return assertNever(evidence.phase);
  }
}

/** CPU time that moved once may be that of an unpause which is not told yet, nanoseconds each look. */
const pausedLooks = 2;
const pausedNoiseNanoseconds = 100_000;
/** How long its CPU time must stand still again to be believed, milliseconds. */
const pausedStillMs = 2 * silenceMs;

/**
 * Takes in the CPU time that a paused container has used so far, nanoseconds. True when it begins to
 * move: what is frozen uses none.
 */
export function weighPaused(
  evidence: ResourceEvidence,
  cpuNanoseconds: number,
  now: number,
): boolean {
  const { pausedCpu } = evidence;
  evidence.pausedCpu = cpuNanoseconds;
  const moved = pausedCpu !== undefined && cpuNanoseconds - pausedCpu > pausedNoiseNanoseconds;
  if (moved) {
    evidence.ranPausedLooks += 1;
    evidence.ranPausedAt = now;
  } else if (evidence.ranPausedAt !== undefined && now - evidence.ranPausedAt >= pausedStillMs) {
    evidence.ranPausedLooks = 0;
    evidence.ranPausedAt = undefined;
  }
  return moved && evidence.ranPausedLooks === 1;
}

function pausedSight(evidence: ResourceEvidence, now: number): Sight {
  const { ranPausedAt, ranPausedLooks } = evidence;
  const runs = ranPausedAt !== undefined && now - ranPausedAt < pausedStillMs;
  if (runs && ranPausedLooks >= pausedLooks) {
    const reason = 'The engine calls it paused, yet its processes use CPU time: they run.';
    return { state: 'partly', reason };
  }
  return partlySight(evidence) ?? seeing;
}

function runningSight(evidence: ResourceEvidence, now: number): Sight {
  const { sampledAt, emptySince } = evidence;
  const silentSince = sampledAt ?? evidence.expectedSince;
  if (now - silentSince >= silenceMs) {
    return { state: 'blind', reason: silenceReason(evidence) };
  }
  if (sampledAt === undefined) return starting;
  if (emptySince !== undefined && now - emptySince >= silenceMs) {
    const reason =
      'It runs, yet none of its processes is counted: its figures belong to an empty cgroup.';
    return { state: 'blind', reason };
  }
  const partly = partlySight(evidence);
  if (partly !== undefined) return partly;
  if (evidence.bytesWithoutCpu > kernelAnswerBytes && now - evidence.cpuMovedAt >= silenceMs) {
    const reason =
      'It sends while none of its counted processes uses CPU time: others use its network.';
    return { state: 'partly', reason };
  }
  return seeing;
}

function silenceReason(evidence: ResourceEvidence): string {
  const seconds = silenceMs / 1000;
  switch (evidence.carrier) {
    case 'cgroup':
      return evidence.mainProcess === 'gone'
        ? 'Its main process is gone, yet the engine says that it runs.'
        : `No figures were read for ${seconds} s.`;
    case 'stats':
      return `The engine's stats stream has sent nothing for ${seconds} s.`;
    case 'none':
      return evidence.mainProcess === 'gone'
        ? 'Its cgroup is gone, yet the engine says that it runs.'
        : `There has been no way to its figures for ${seconds} s.`;
    default:
      return assertNever(evidence.carrier);
  }
}

/** What keeps the figures from being the whole truth; undefined when nothing is known to. */
function partlySight(evidence: ResourceEvidence): Sight | undefined {
  if (evidence.mainProcess === 'elsewhere') {
    const reason =
      'Its main process was moved to another cgroup: what it uses is no longer counted here.';
    return { state: 'partly', reason };
  }
  if (evidence.outside > 0) {
    const [noun, verb] = evidence.outside === 1 ? ['process', 'is'] : ['processes', 'are'];
    const reason = `${evidence.outside} ${noun} of the container ${verb} outside its cgroup and not counted.`;
    return { state: 'partly', reason };
  }
  switch (evidence.files) {
    case 'same':
      break;
    case 'replaced':
    case 'unreadable':
      return {
        state: 'partly',
        reason:
          'Something else lies where its cgroup files were; the figures still come from the files opened before.',
      };
    default:
      return assertNever(evidence.files);
  }
  switch (evidence.network) {
    case 'own':
    case 'none':
      return undefined;
    case 'inseparable':
      return {
        state: 'partly',
        reason: 'It shares its network with others: its traffic cannot be told apart.',
      };
    case 'unreadable':
      return { state: 'partly', reason: 'Its network counters cannot be read.' };
    case 'elsewhere':
      return {
        state: 'partly',
        reason: 'Its main process moved to another network: the counters read are of the old one.',
      };
    default:
      return assertNever(evidence.network);
  }
}
