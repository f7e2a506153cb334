import type { Milliseconds, Moment } from '../model/time.ts';
import { addToHistogram, histogramTop } from '../stats/log-histogram.ts';
import type { LearnedBaseline } from './learned.ts';
import { forgottenShare, rangeOf } from './learned.ts';
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
  /** Whether it went on for long; untold only where a person held one like it normal. */
  isLong: boolean;
  /** Whether something was found wrong with the container meanwhile. */
  mistrusted: boolean;
  /** Whether the person holds normal what was told of it. */
  accepted: boolean;
  /** The one told of last that is over: a person may still hold it normal. */
  late: LateUpload | undefined;
}

interface LateUpload {
  readonly onsetAt: Moment;
  readonly bytes: number;
  readonly isLong: boolean;
}

/** An outward stream of any size is told of after this long. */
const longMs = 45_000;

/** An outward stream of this many bytes is told of after four seconds. */
const muchBytes = 25_000_000;

/** What the series of its findings is called. */
export const uploadSeries = 'bytes sent';

/** Nothing so far. */
export function createUpload(): Upload {
  return {
    ...{ streamMs: 0, bytes: 0, onsetAt: 0, threshold: 0, late: undefined },
    ...{ told: false, isLong: false, mistrusted: false, accepted: false },
  };
}

/** After a gap. What was told of stays known, so that a person may still hold it normal. */
export function restartUpload(upload: Upload, baseline: LearnedBaseline): Upload {
  if (upload.told) endEpisode(upload, baseline);
  return { ...createUpload(), late: upload.late };
}

/** How uploads are taken in. */
export interface UploadStep {
  /** Whether the workload is new: what it does is learned and not judged. */
  readonly learning: boolean;
  /** Whether anything may be learned; false while something is found wrong with the container. */
  readonly learns: boolean;
}

/**
 * Adds up seconds in which at least three times as much goes out as comes in. The bar for a second is
 * twice what the container hardly ever held for ten seconds, and at least 20 kB/s; the bar for the
 * amount is twice the largest upload that was learned. Short uploads such as a push or a prompt stay
 * below both. One that goes on is told of whatever its amount, unless a person held another normal that
 * went on and was at least half as large.
 */
export function judgeUpload(
  upload: Upload,
  recent: Recent,
  second: Second,
  baseline: LearnedBaseline,
  { learning, learns }: UploadStep,
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
    upload.mistrusted ||= !learns;
  } else if (upload.streamMs > 0) {
    upload.streamMs = Math.max(0, upload.streamMs - 2 * second.intervalMs);
    if (upload.streamMs === 0) endEpisode(upload, baseline);
  }
  const least = forgottenShare * baseline.weight;
  const largest = histogramTop(baseline.uploads, least);
  const longest = histogramTop(baseline.longUploads, least);
  const muchBar = Math.max(muchBytes, 2 * largest);
  const much = upload.bytes >= muchBar && upload.streamMs >= 4_000;
  const isLong = upload.streamMs >= longMs;
  upload.isLong ||= isLong && !learning;
  const long = isLong && upload.bytes > 2 * longest;
  if (learning || (!much && !long)) return undefined;

  upload.told = true;
  const lastedMs = second.at - upload.onsetAt;
  const sure = upload.bytes >= 4 * muchBar || (long && upload.streamMs >= 4 * longMs);
  const before =
    largest > 0
      ? `the largest upload that is normal for it was ${bytesInWords(largest)}`
      : 'no upload of it is known to be normal';
  return {
    kind: 'sustained-upload',
    series: uploadSeries,
    severity: sure ? 'high' : 'medium',
    score: Math.min(1, Math.max(upload.bytes / (4 * muchBytes), upload.streamMs / (4 * longMs))),
    onsetAt: upload.onsetAt,
    sentence:
      // It falls twice as fast as it rises: two thirds of the time are such seconds at least.
      `Has sent ${bytesInWords(upload.bytes)} in ${spanInWords(lastedMs)}, mostly with at most a ` +
      `third as much coming back; ${before}, and it hardly ever held more than ` +
      `${bytesInWords(usual)} a second for ten seconds.`,
    evidence: [recentEvidence(recent, 'sent', rates.sentBytes, { low: 0, high: usual })],
    technique: { id: 'T1048', name: 'Exfiltration Over Alternative Protocol' },
  };
}

/**
 * What was told of is not learned as normal, unless a person said that it is; nor is what came while
 * something else was found wrong.
 */
function endEpisode(upload: Upload, baseline: LearnedBaseline): void {
  const { told, isLong, mistrusted, accepted, onsetAt, bytes } = upload;
  if (accepted || (!told && !mistrusted)) learnUpload(baseline, bytes, isLong);
  else if (told) upload.late = { onsetAt, bytes, isLong };
  upload.bytes = 0;
  upload.told = upload.isLong = upload.mistrusted = upload.accepted = false;
}

function learnUpload(baseline: LearnedBaseline, bytes: number, isLong: boolean): void {
  addToHistogram(baseline.uploads, bytes, baseline.weight);
  if (isLong) addToHistogram(baseline.longUploads, bytes, baseline.weight);
}

/**
 * The person holds normal what a finding with this onset told of, or no longer does. It is learned when
 * it is over, or at once if it is; then that stays. While the finding `isOpen`, it is about what goes on.
 */
export function acceptUpload(
  upload: Upload,
  baseline: LearnedBaseline,
  finding: { readonly onsetAt: Moment; readonly isOpen: boolean },
  isNormal: boolean,
): void {
  if (finding.isOpen && upload.told) upload.accepted = isNormal;
  const { late } = upload;
  if (!isNormal || late === undefined) return;
  const lateAt = Math.round(late.onsetAt);
  if (finding.isOpen ? lateAt < finding.onsetAt : lateAt !== finding.onsetAt) return;
  learnUpload(baseline, late.bytes, late.isLong);
  upload.late = undefined;
}
