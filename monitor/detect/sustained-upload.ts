import type { Milliseconds, Moment } from '../model/time.ts';
import { addToHistogram, histogramQuantile } from '../stats/log-histogram.ts';
import type { LearnedBaseline } from './learned.ts';
import { rangeOf } from './learned.ts';
import { recentEvidence, type Recent } from './recent.ts';
import type { Second } from './second.ts';
import type { Verdict } from './verdict.ts';
import { bytesInWords, spanInWords } from './words.ts';

/** Data going out for longer or in a larger amount than it ever did. */
export interface Upload {
  /** Time with an outward stream, less twice the time without; never below zero. */
  streamMs: Milliseconds;
  bytes: number;
  onsetAt: Moment;
  threshold: number;
  told: boolean;
}

/** An outward stream of any size is told of after this long. */
const longMs = 45_000;

/** An outward stream of this many bytes is told of after four seconds. */
const muchBytes = 25_000_000;

/** Nothing so far. */
export function createUpload(): Upload {
  return { streamMs: 0, bytes: 0, onsetAt: 0, threshold: 0, told: false };
}

/**
 * Adds up seconds in which at least three times as much goes out as comes in. The bar for a second is
 * twice what the container ever held for ten seconds, and at least 20 kB/s; the bar for the amount is
 * twice its largest upload. Short uploads such as a push or a prompt stay below both.
 */
export function judgeUpload(
  upload: Upload,
  recent: Recent,
  second: Second,
  baseline: LearnedBaseline,
  learning: boolean,
): Verdict | undefined {
  const rates = second.network;
  if (rates === undefined) return undefined;
  const usual = rangeOf(baseline, 'sent').sustainedTop;
  if (upload.streamMs === 0) upload.threshold = Math.max(20_000, 2 * usual);
  const outward = rates.sentBytes >= 3 * rates.receivedBytes;
  if (outward && rates.sentBytes >= upload.threshold) {
    if (upload.streamMs === 0) upload.onsetAt = second.at - second.intervalMs;
    // Capped, so that a finding closes soon after the stream ends.
    upload.streamMs = Math.min(4 * longMs, upload.streamMs + second.intervalMs);
    upload.bytes += (rates.sentBytes * second.intervalMs) / 1000;
  } else if (upload.streamMs > 0) {
    upload.streamMs = Math.max(0, upload.streamMs - 2 * second.intervalMs);
    if (upload.streamMs === 0) endEpisode(upload, baseline);
  }
  const largest = histogramQuantile(baseline.uploads, 0.99);
  const much = upload.bytes >= Math.max(muchBytes, 2 * largest) && upload.streamMs >= 4_000;
  const long = upload.streamMs >= longMs;
  if (learning || (!much && !long)) return undefined;

  upload.told = true;
  const lastedMs = second.at - upload.onsetAt;
  const sure =
    upload.bytes >= 4 * Math.max(muchBytes, 2 * largest) || upload.streamMs >= 4 * longMs;
  return {
    kind: 'sustained-upload',
    series: 'bytes sent',
    severity: sure ? 'high' : 'medium',
    score: Math.min(1, Math.max(upload.bytes / (4 * muchBytes), upload.streamMs / (4 * longMs))),
    onsetAt: upload.onsetAt,
    sentence:
      `Has sent ${bytesInWords(upload.bytes)} in ${spanInWords(lastedMs)} and received next to ` +
      `nothing; its largest upload so far was ${bytesInWords(largest)}, and it never held more than ` +
      `${bytesInWords(usual)} a second for ten seconds.`,
    evidence: [recentEvidence(recent, 'sent', rates.sentBytes, { low: 0, high: usual })],
    technique: { id: 'T1048', name: 'Exfiltration Over Alternative Protocol' },
  };
}

/** What was told of is not learned as normal. */
function endEpisode(upload: Upload, baseline: LearnedBaseline): void {
  if (!upload.told) addToHistogram(baseline.uploads, upload.bytes, baseline.weight);
  upload.bytes = 0;
  upload.told = false;
}
