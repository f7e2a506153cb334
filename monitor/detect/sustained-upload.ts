import type { Milliseconds, Moment } from '../model/time.ts';
import { addToHistogram, histogramTop } from '../stats/log-histogram.ts';
import type { LearnedBaseline } from './learned.ts';
import { forgottenShare, rangeOf } from './learned.ts';
import { foundAlready, type OpenFindings } from './open-findings.ts';
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
  /** When the finding began that told of it last, which may be about uploads before it, too. */
  foundAt: Moment;
  /** Whether it went on for long; untold only where a person held one like it normal. */
  isLong: boolean;
  /** Whether something was found wrong with the container meanwhile. */
  mistrusted: boolean;
  /** Whether the person holds normal what was told of it. */
  accepted: boolean;
  /** By when their finding began, what the latest told of that is over: a person may still hold it normal. */
  readonly late: Map<Moment, LateUpload>;
}

/** The largest upload of a finding, and the largest of those that went on; 0 where none did. */
interface LateUpload {
  readonly bytes: number;
  readonly longBytes: number;
}

/** Of so many findings that are over a person may still hold normal what they told of. */
const mostLate = 8;

/** An outward stream of any size is told of after this long. */
const longMs = 45_000;

/** An outward stream of this many bytes is told of after four seconds. */
const muchBytes = 25_000_000;

/** What the series of its findings is called. */
export const uploadSeries = 'bytes sent';

/** Nothing so far. */
export function createUpload(): Upload {
  return {
    ...{ streamMs: 0, bytes: 0, onsetAt: 0, threshold: 0, foundAt: 0, late: new Map() },
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
  /** What is found now: an upload may go on with a finding that began with an earlier one. */
  readonly findings: OpenFindings;
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
  { learning, learns, findings }: UploadStep,
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
  const found = foundAlready(findings, 'sustained-upload', uploadSeries);
  upload.foundAt = found?.onsetAt ?? Math.round(upload.onsetAt);
  upload.accepted ||= found?.acknowledged === true;
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
  const { told, isLong, mistrusted, accepted, foundAt, bytes } = upload;
  const over = { bytes, longBytes: isLong ? bytes : 0 };
  if (accepted || (!told && !mistrusted)) learnUpload(baseline, over);
  else if (told) keepLate(upload.late, foundAt, over);
  upload.bytes = 0;
  upload.told = upload.isLong = upload.mistrusted = upload.accepted = false;
}

/** Of an upload in bursts the largest is the measure of the next. */
function keepLate(late: Upload['late'], foundAt: Moment, over: LateUpload): void {
  const known = late.get(foundAt);
  late.delete(foundAt);
  const [oldest] = late.keys();
  if (late.size >= mostLate && oldest !== undefined) late.delete(oldest);
  late.set(foundAt, {
    bytes: Math.max(over.bytes, known?.bytes ?? 0),
    longBytes: Math.max(over.longBytes, known?.longBytes ?? 0),
  });
}

function learnUpload(baseline: LearnedBaseline, { bytes, longBytes }: LateUpload): void {
  addToHistogram(baseline.uploads, bytes, baseline.weight);
  if (longBytes > 0) addToHistogram(baseline.longUploads, longBytes, baseline.weight);
}

/** Whether anything is known of what the finding with this onset told of, so that it could be learned. */
export function remembersUpload({ told, foundAt, late }: Upload, onsetAt: Moment): boolean {
  return (told && foundAt === onsetAt) || late.has(onsetAt);
}

/**
 * The person holds normal what the finding with this onset told of, or no longer does. It is learned
 * when it is over, or at once if it is; then that stays.
 */
export function acceptUpload(
  upload: Upload,
  baseline: LearnedBaseline,
  onsetAt: Moment,
  isNormal: boolean,
): void {
  if (upload.told && upload.foundAt === onsetAt) upload.accepted = isNormal;
  const over = upload.late.get(onsetAt);
  if (!isNormal || over === undefined) return;
  learnUpload(baseline, over);
  upload.late.delete(onsetAt);
}
