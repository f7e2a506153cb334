import type { ResourceObservation } from '../model/observation.ts';
import type { Milliseconds, Moment } from '../model/time.ts';
import type { LearnedBaseline } from './learned.ts';
import { rangeOf } from './learned.ts';
import { recentEvidence, type Recent } from './recent.ts';
import type { Verdict } from './verdict.ts';
import { bytesInWords, countInWords, spanInWords } from './words.ts';

/** Packets sent that nobody answers, added up. */
export interface Unanswered {
  lastedMs: Milliseconds;
  packets: number;
  bytes: number;
  onsetAt: Moment;
}

/** A fifth of a thousand packets a second: fewer are not called a flood. */
const leastPackets = 200;

/** Nothing so far. */
export function createUnanswered(): Unanswered {
  return { lastedMs: 0, packets: 0, bytes: 0, onsetAt: 0 };
}

/** True while there is something to look at more closely. */
export function floodNeedsAttention(unanswered: Unanswered): boolean {
  return unanswered.packets >= 2_000;
}

/**
 * A flood sends and is not answered: TCP acknowledges, so every honest upload receives at least a
 * fiftieth of the packets it sends. 10,000 packets at once or five seconds of a slower stream are
 * enough. Works on observations of any grain.
 */
export function judgeFlood(
  unanswered: Unanswered,
  recent: Recent,
  observation: ResourceObservation,
  baseline: LearnedBaseline,
): Verdict | undefined {
  const rates = observation.network;
  if (rates === undefined) return undefined;
  const { intervalMs, at } = observation;
  const usual = rangeOf(baseline, 'sent').top;
  const oneWay =
    rates.sentPackets >= leastPackets &&
    rates.receivedPackets < 0.02 * rates.sentPackets &&
    rates.sentBytes > 2 * usual;
  if (!oneWay) {
    unanswered.lastedMs = 0;
    unanswered.packets = 0;
    unanswered.bytes = 0;
    return undefined;
  }
  if (unanswered.lastedMs === 0) unanswered.onsetAt = at - intervalMs;
  unanswered.lastedMs += intervalMs;
  unanswered.packets += (rates.sentPackets * intervalMs) / 1000;
  unanswered.bytes += (rates.sentBytes * intervalMs) / 1000;
  const massive = unanswered.packets >= 10_000 && unanswered.lastedMs >= 500;
  if (!massive && unanswered.lastedMs < 5_000) return undefined;
  const perSecond = (1000 * unanswered.bytes) / unanswered.lastedMs;
  return {
    kind: 'network-flood',
    series: 'bytes sent',
    severity: massive ? 'critical' : 'high',
    score: Math.min(1, perSecond / (perSecond + 2 * usual)),
    onsetAt: unanswered.onsetAt,
    sentence:
      `Sends ${countInWords((1000 * unanswered.packets) / unanswered.lastedMs)} packets ` +
      `(${bytesInWords(perSecond)}) a second that nobody answers, for ` +
      `${spanInWords(unanswered.lastedMs)} now; it hardly ever sent more than ` +
      `${bytesInWords(usual)} a second.`,
    evidence: [recentEvidence(recent, 'sent', rates.sentBytes, { low: 0, high: usual })],
    technique: { id: 'T1498.001', name: 'Network Denial of Service: Direct Network Flood' },
  };
}
