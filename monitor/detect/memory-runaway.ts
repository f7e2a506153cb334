import type { Severity } from '../model/finding.ts';
import type { ResourceObservation } from '../model/observation.ts';
import type { Moment } from '../model/time.ts';
import { createRing, latestOfRing, pushToRing, ringAt, type Ring } from '../stats/ring.ts';
import { fitTrend } from '../stats/trend.ts';
import type { Verdict } from './verdict.ts';
import { bytesInWords, shareInWords, spanInWords } from './words.ts';

/** A rise of memory that has not been interrupted yet. */
export interface MemoryRise {
  startAt: Moment;
  startBytes: number;
  peakBytes: number;
  peakAt: Moment;
  /** The learned top when the rise began: a slow leak must not raise its own bar. */
  learnedTop: number;
  readonly at: Ring;
  readonly bytes: Ring;
}

const fittedSamples = 24;

/** What grows in steps is a line only from afar: samples are spread over the rise, up to this apart. */
const widestSpacingMs = 1_000;

/** A rise that has not grown for this long is over. */
const stallMs = 3_000;

/** Growth below this is none: the rise begins where it is exceeded. */
const noiseBytes = 100_000;

/** No rise yet. */
export function createMemoryRise(): MemoryRise {
  return {
    startAt: -Infinity,
    startBytes: 0,
    peakBytes: 0,
    peakAt: -Infinity,
    learnedTop: 0,
    at: createRing(fittedSamples),
    bytes: createRing(fittedSamples),
  };
}

/** Begins anew at this observation. */
export function restartRise(rise: MemoryRise, at: Moment, bytes: number, learnedTop: number): void {
  rise.startAt = at;
  rise.startBytes = bytes;
  rise.peakBytes = bytes;
  rise.peakAt = at;
  rise.learnedTop = learnedTop;
  rise.at.next = 0;
  rise.at.size = 0;
  rise.bytes.next = 0;
  rise.bytes.size = 0;
  pushToRing(rise.at, at);
  pushToRing(rise.bytes, bytes);
}

/** True while memory rises fast enough to be worth a closer look. */
export function memoryNeedsAttention(rise: MemoryRise, observation: ResourceObservation): boolean {
  const grown = observation.anonymousBytes - rise.startBytes;
  return grown > Math.max(32_000_000, 0.05 * observation.memoryLimitBytes);
}

function severityOf(
  endsWithinMs: number,
  usedShare: number,
  lastedMs: number,
  fit: number,
): Severity | undefined {
  // The sooner the end, the less proof can be waited for; half full and eight seconds left is near
  // enough that freezing costs less than the kernel's choice of a victim.
  const near = endsWithinMs <= 8_000 && usedShare >= 0.5;
  if (near && lastedMs >= 700 && fit >= 0.9) return 'critical';
  if (endsWithinMs <= 60_000 && usedShare >= 0.6 && lastedMs >= 5_000 && fit >= 0.95) return 'high';
  if (endsWithinMs <= 600_000 && usedShare >= 0.6 && lastedMs >= 30_000 && fit >= 0.95) {
    return 'medium';
  }
  return undefined;
}

/**
 * Forecasts when memory meets its limit, from a least-squares line through the latest samples of an
 * unbroken rise. The forecast is the interval of the slope plus and minus two standard errors; when
 * the slow end of it is not a rise at all, nothing is said. Works on observations of any grain.
 */
export function judgeMemory(
  rise: MemoryRise,
  observation: ResourceObservation,
  learnedTop: number,
): Verdict | undefined {
  const { at, anonymousBytes: bytes, memoryLimitBytes: limit } = observation;
  const slack = Math.max(2_000_000, 0.05 * (rise.peakBytes - rise.startBytes));
  const fell = bytes < rise.peakBytes - slack || bytes <= rise.startBytes + noiseBytes;
  const stalled = bytes <= rise.peakBytes && at - rise.peakAt > stallMs;
  if (fell || stalled) {
    restartRise(rise, at, bytes, learnedTop);
    return undefined;
  }
  if (bytes > rise.peakBytes) {
    rise.peakBytes = bytes;
    rise.peakAt = at;
  }
  const grown = bytes - rise.startBytes;
  const lastedMs = at - rise.startAt;
  const spacingMs = Math.min(widestSpacingMs, lastedMs / fittedSamples);
  if (at - (ringAt(rise.at, 0) ?? -Infinity) >= spacingMs) {
    pushToRing(rise.at, at);
    pushToRing(rise.bytes, bytes);
  }
  const usedShare = observation.memoryBytes / limit;
  const beyondHistory = bytes > 1.2 * rise.learnedTop;
  if (rise.at.size < 5 || grown < 0.2 * limit || usedShare < 0.5 || !beyondHistory)
    return undefined;

  const moments = latestOfRing(rise.at, fittedSamples);
  const values = latestOfRing(rise.bytes, fittedSamples);
  const trend = fitTrend(
    moments.map((moment) => (moment - at) / 1000),
    values,
  );
  if (trend === undefined) return undefined;
  const slowest = trend.slope - 2 * trend.slopeError;
  if (slowest <= 0) return undefined;
  const left = Math.max(0, limit - observation.memoryBytes);
  const latestMs = (1000 * left) / slowest;
  const earliestMs = (1000 * left) / (trend.slope + 2 * trend.slopeError);
  const severity = severityOf(latestMs, usedShare, lastedMs, trend.fit);
  if (severity === undefined) return undefined;

  const whose = observation.memoryLimited ? 'its limit' : "the machine's memory";
  const span =
    latestMs - earliestMs < 2_000
      ? spanInWords(latestMs)
      : `${spanInWords(earliestMs)} to ${spanInWords(latestMs)}`;
  return {
    kind: 'memory-runaway',
    series: 'memory',
    severity,
    score: Math.min(1, usedShare),
    onsetAt: rise.startAt,
    sentence:
      `Memory grows by ${bytesInWords(trend.slope)} a second and reaches ${whose} of ` +
      `${bytesInWords(limit)} in ${span}: ${bytesInWords(observation.memoryBytes)} ` +
      `(${shareInWords(usedShare)}) are used, ${bytesInWords(grown)} of it new in ` +
      `${spanInWords(lastedMs)}.`,
    evidence: [
      {
        series: 'memory',
        unit: 'bytes',
        observed: bytes,
        expected: rise.learnedTop > 0 ? { low: 0, high: rise.learnedTop } : undefined,
        recent: moments.map((moment, index) => ({ at: moment, value: values[index] ?? 0 })),
      },
    ],
    technique: { id: 'T1499.001', name: 'Endpoint Denial of Service: OS Exhaustion Flood' },
  };
}
