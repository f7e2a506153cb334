import type { Milliseconds, Moment } from '../model/time.ts';
import type { LearnedBaseline } from './learned.ts';
import { rangeOf } from './learned.ts';
import { recentEvidence, type Recent } from './recent.ts';
import type { Second } from './second.ts';
import type { Verdict } from './verdict.ts';
import { coresInWords, spanInWords } from './words.ts';

/**
 * Work that computes and touches nothing else, added up. Builds, installs and test runs fault pages
 * in, fill the file cache, start processes or use the network all the time; mining does none of it.
 */
export interface StillWork {
  /** Time spent so, less three times the time spent otherwise; never below zero. */
  stillMs: Milliseconds;
  onsetAt: Moment;
  /** The CPU that counted as more than usual when it began. */
  threshold: number;
  cpuMean: number;
  cacheBytes: number;
  pids: number;
}

/** This much still work is told to the person; four times as much is sure. */
const suspectMs = 30_000;
const sureMs = 120_000;

/** Nothing so far. */
export function createStillWork(): StillWork {
  return { stillMs: 0, onsetAt: 0, threshold: 0, cpuMean: 0, cacheBytes: 0, pids: 0 };
}

function isStill(work: StillWork, second: Second): boolean {
  const traffic = second.network;
  const moved = traffic === undefined ? 0 : traffic.receivedBytes + traffic.sentBytes;
  const disk = second.block === undefined ? 0 : second.block.readBytes + second.block.writtenBytes;
  return (
    second.faultsPerSecond < 400 &&
    moved < 64_000 &&
    disk < 256_000 &&
    Math.abs(second.cacheBytes - work.cacheBytes) < 128_000 * (second.intervalMs / 1000) &&
    Math.abs(second.pids - work.pids) <= 1
  );
}

/**
 * A cumulative sum of still, busy time (Page's CUSUM with a slope of +1 and −3). What counts as busy
 * is learned: half as much again as the container's own history ever held for ten seconds, and at
 * least 0.3 cores. A container that always computed so is therefore not told of.
 */
export function judgeStillWork(
  work: StillWork,
  recent: Recent,
  second: Second,
  baseline: LearnedBaseline,
): Verdict | undefined {
  const usual = rangeOf(baseline, 'cpu').sustainedTop;
  if (work.stillMs === 0) work.threshold = Math.max(0.3, 1.5 * usual);
  const still = second.cpuCores >= work.threshold && isStill(work, second);
  work.cacheBytes = second.cacheBytes;
  work.pids = second.pids;
  if (!still) {
    work.stillMs = Math.max(0, work.stillMs - 3 * second.intervalMs);
    return work.stillMs >= suspectMs ? verdict(work, recent, second, usual) : undefined;
  }
  if (work.stillMs === 0) {
    work.onsetAt = second.at - second.intervalMs;
    work.cpuMean = second.cpuCores;
  }
  // Capped, so that a finding closes soon after the work ends, however long that lasted.
  work.stillMs = Math.min(sureMs, work.stillMs + second.intervalMs);
  work.cpuMean += (second.cpuCores - work.cpuMean) * 0.1;
  return work.stillMs >= suspectMs ? verdict(work, recent, second, usual) : undefined;
}

function verdict(work: StillWork, recent: Recent, second: Second, usual: number): Verdict {
  const lasted = spanInWords(second.at - work.onsetAt);
  return {
    kind: 'sustained-cpu',
    series: 'CPU',
    severity: work.stillMs >= sureMs ? 'high' : 'medium',
    score: Math.min(1, work.stillMs / sureMs),
    onsetAt: work.onsetAt,
    sentence:
      `Computes without a pause and touches nothing else: ${coresInWords(work.cpuMean)} for ` +
      `${lasted}, with no disk, network or new processes to speak of, as mining does. Until then ` +
      `it hardly ever held more than ${coresInWords(usual)} for ten seconds.`,
    evidence: [recentEvidence(recent, 'cpu', work.cpuMean, { low: 0, high: usual })],
    technique: { id: 'T1496', name: 'Resource Hijacking' },
  };
}
