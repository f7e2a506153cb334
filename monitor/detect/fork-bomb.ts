import type { Severity } from '../model/finding.ts';
import type { ResourceObservation } from '../model/observation.ts';
import type { Moment } from '../model/time.ts';
import { createRing, latestOfRing, pushToRing, type Ring } from '../stats/ring.ts';
import { forecastWalk, type WalkForecast } from '../stats/walk-forecast.ts';
import type { Verdict } from './verdict.ts';
import { countInWords, spanInWords } from './words.ts';

/** A rise of the number of processes that has not been interrupted yet. */
export interface ProcessRise {
  startAt: Moment;
  startPids: number;
  peakPids: number;
  peakAt: Moment;
  /** How many observations in a row set a new peak. */
  risesInRow: number;
  /** The learned top when the rise began. */
  learnedTop: number;
  readonly at: Ring;
  readonly pids: Ring;
}

const keptSamples = 24;

/** A rise that set no new peak for this long is over, unless it has met the limit. */
const stallMs = 4_000;

/** No rise yet. */
export function createProcessRise(): ProcessRise {
  return {
    startAt: -Infinity,
    startPids: 0,
    peakPids: 0,
    peakAt: -Infinity,
    risesInRow: 0,
    learnedTop: 0,
    at: createRing(keptSamples),
    pids: createRing(keptSamples),
  };
}

/** Begins anew at this observation. */
export function restartProcessRise(
  rise: ProcessRise,
  at: Moment,
  pids: number,
  learnedTop: number,
): void {
  rise.startAt = at;
  rise.startPids = pids;
  rise.peakPids = pids;
  rise.peakAt = at;
  rise.risesInRow = 0;
  rise.learnedTop = learnedTop;
  rise.at.next = 0;
  rise.at.size = 0;
  rise.pids.next = 0;
  rise.pids.size = 0;
  pushToRing(rise.at, at);
  pushToRing(rise.pids, pids);
}

/** True while processes multiply fast enough to be worth a closer look. */
export function processesNeedAttention(rise: ProcessRise, pids: number): boolean {
  return pids - rise.startPids >= 15;
}

interface Growth {
  readonly grown: number;
  readonly lastedMs: number;
  readonly atLimit: boolean;
  readonly limitInMs: number;
  readonly risesInRow: number;
}

/** The stronger the growth, the shorter it need last: a thread pool starts at once and is done. */
function severityOf(growth: Growth): Severity | undefined {
  const { grown, lastedMs, atLimit, limitInMs, risesInRow } = growth;
  if (atLimit) return 'critical';
  if (grown >= 300 && risesInRow >= 4) return 'critical';
  if (grown >= 600 && risesInRow >= 2) return 'critical';
  if (limitInMs <= 10_000 && lastedMs >= 3_000 && grown >= 40 && risesInRow >= 3) return 'high';
  if (grown >= 100 && lastedMs >= 4_000 && risesInRow >= 4) return 'high';
  if (grown >= 80 && lastedMs >= 20_000) return 'high';
  if (grown >= 40 && lastedMs >= 9_000) return 'medium';
  return undefined;
}

/**
 * Watches for processes that multiply and stay. Fast growth is a fork bomb, slower growth a runaway;
 * with a limit of processes the time until it is met is forecast, with an interval, and not at all where
 * that has no end. Processes that come and go without growing in number are not
 * seen here.
 */
export function judgeProcesses(
  rise: ProcessRise,
  observation: ResourceObservation,
  learnedTop: number,
): Verdict | undefined {
  const { at, pids, pidsLimit } = observation;
  const slack = Math.max(3, 0.1 * (rise.peakPids - rise.startPids));
  const met = pidsLimit !== undefined && pidsLimit >= 16 && pids >= 0.9 * pidsLimit;
  const fell = pids < rise.peakPids - slack || pids <= rise.startPids;
  const stalled = pids <= rise.peakPids && at - rise.peakAt > stallMs && !met;
  if (fell || stalled) {
    restartProcessRise(rise, at, pids, learnedTop);
    return undefined;
  }
  if (pids > rise.peakPids) {
    rise.peakPids = pids;
    rise.peakAt = at;
    rise.risesInRow += 1;
  } else if (!met) {
    // One observation without a new peak costs half the run: ten looks a second may fall between.
    rise.risesInRow = Math.floor(rise.risesInRow / 2);
  }
  pushToRing(rise.at, at);
  pushToRing(rise.pids, pids);
  const grown = pids - rise.startPids;
  const atLimit = met && grown >= 0.4 * pidsLimit;
  // Nobody's normal life is at the limit, whatever was learned.
  if (!atLimit && (grown < 20 || pids <= 1.5 * rise.learnedTop + 10)) return undefined;

  const lastedMs = at - rise.startAt;
  const perSecond = (1000 * grown) / Math.max(100, lastedMs);
  const moments = latestOfRing(rise.at, keptSamples);
  const values = latestOfRing(rise.pids, keptSamples);
  const forecast =
    pidsLimit === undefined ? undefined : forecastWalk(moments, values, pidsLimit - pids);
  const limitInMs = forecast?.latest ?? Infinity;
  const severity = severityOf({ grown, lastedMs, atLimit, limitInMs, risesInRow: rise.risesInRow });
  if (severity === undefined) return undefined;

  const bomb = perSecond >= 30 || severity === 'critical';
  const end =
    pidsLimit === undefined
      ? 'no limit of processes is set'
      : atLimit
        ? `its limit of ${countInWords(pidsLimit)} is met`
        : forecast === undefined
          ? `its limit is ${countInWords(pidsLimit)}`
          : `its limit of ${countInWords(pidsLimit)} is met in ${forecastInWords(forecast)}`;
  return {
    kind: bomb ? 'fork-bomb' : 'pids-runaway',
    series: 'processes',
    severity,
    // What was learned may be above a limit that was lowered.
    score: Math.min(1, Math.max(0, 1 - (rise.learnedTop + 10) / (pids + 10))),
    onsetAt: rise.startAt,
    sentence:
      `Processes multiply: ${countInWords(rise.startPids)} became ${countInWords(pids)} in ` +
      `${spanInWords(lastedMs)}, ${countInWords(perSecond)} more each second; ${end}.`,
    evidence: [
      {
        series: 'processes',
        unit: 'processes',
        observed: pids,
        expected: rise.learnedTop > 0 ? { low: 1, high: rise.learnedTop } : undefined,
        recent: moments.map((moment, index) => ({ at: moment, value: values[index] ?? 0 })),
      },
    ],
    technique: { id: 'T1499.001', name: 'Endpoint Denial of Service: OS Exhaustion Flood' },
  };
}

/** `22 s to 31 s`; one span where both ends are about the same. */
function forecastInWords({ earliest, latest }: WalkForecast): string {
  return latest - earliest < 2_000
    ? spanInWords(latest)
    : `${spanInWords(earliest)} to ${spanInWords(latest)}`;
}
