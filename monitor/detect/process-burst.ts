import type { ResourceObservation } from '../model/observation.ts';
import type { Verdict } from './verdict.ts';
import { countInWords, spanInWords } from './words.ts';

/** A build or a thread pool that meets its limit is refused a few; a fork bomb hundreds at once. */
const leastRefused = 20;

/** Below this a limit is met by ordinary work. */
const leastLimit = 16;

/**
 * A fork bomb that fits between two readings: it filled the limit and had new processes refused,
 * and most of it is gone by the time anybody counts them. The kernel's own count of refusals (the
 * `max` of pids.events, docs.kernel.org, cgroup-v2) shows it all the same. Needs no state.
 */
export function judgeProcessBurst(
  observation: ResourceObservation,
  learnedTop: number,
): Verdict | undefined {
  const { at, intervalMs, pids, pidsLimit, forksRefused } = observation;
  if (pidsLimit === undefined || pidsLimit < leastLimit) return undefined;
  if (forksRefused === undefined || forksRefused < leastRefused) return undefined;
  return {
    kind: 'fork-bomb',
    series: 'processes',
    severity: 'critical',
    score: Math.min(1, Math.max(0, 1 - (learnedTop + 10) / (pidsLimit + 10))),
    onsetAt: at - intervalMs,
    sentence:
      `Processes multiplied until the limit of ${countInWords(pidsLimit)} was met: ` +
      `${countInWords(forksRefused)} more were refused within ${spanInWords(intervalMs)}. ` +
      `Processes now: ${countInWords(pids)}.`,
    evidence: [
      {
        series: 'processes refused by the limit',
        unit: 'processes',
        observed: forksRefused,
        expected: undefined,
        recent: [{ at, value: forksRefused }],
      },
    ],
    technique: { id: 'T1499.001', name: 'Endpoint Denial of Service: OS Exhaustion Flood' },
  };
}
