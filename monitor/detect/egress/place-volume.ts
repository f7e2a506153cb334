import type { EgressObservation } from '../../model/observation.ts';
import type { Milliseconds, Moment } from '../../model/time.ts';
import type { AlarmBudget } from '../budget/alarm-budget.ts';
import { ruledVerdict } from '../budget/ruled-verdict.ts';
import { foundAlready, type OpenFindings } from '../open-findings.ts';
import type { Upload } from '../sustained-upload.ts';
import { noVerdicts, type Verdict } from '../verdict.ts';
import { answeredPlaces } from './learned-places.ts';
import { floorBytes, volumeSeries, volumeVerdict } from './volume-verdict.ts';

/** The most bytes that went to each place within ten minutes; the one not sent to for longest first. */
export type LearnedVolumes = Map<string, number>;

/** Ten minutes of sending to one place. */
interface Stretch {
  readonly onsetAt: Moment;
  sent: number;
  received: number;
  /** What is found of it, and whether the person was told. */
  verdict: Verdict | undefined;
  told: boolean;
  /** When the finding began that told of it, which may be about stretches before it, too. */
  foundAt: Moment;
  /** Whether something was found wrong with the container meanwhile. */
  mistrusted: boolean;
  seenAt: Moment;
  /** How much had been sent by then, oldest first, from `floorBytes` on; for the picture. */
  readonly points: { readonly at: Moment; readonly value: number }[];
}

/** What one container sends now, by place. Bounded. */
export interface PlaceVolumes {
  readonly stretches: Map<string, Stretch>;
  /** The places of those of which something is found: none, nearly always. */
  readonly found: Set<string>;
  /** What each place got since the upload began that is under way (`Upload`); see `mainPlace`. */
  readonly uploaded: { onsetAt: Moment | undefined; readonly sent: Map<string, number> };
  /** Of each place what the latest finding told of and is over, the most: a person may still accept it. */
  readonly late: Map<string, Pick<Stretch, 'foundAt' | 'sent'>>;
}

const mostPlaces = 128;
const stretchMs: Milliseconds = 600_000;
const pointMs: Milliseconds = 20_000;
/** How long what was found stays a finding after more was sent last. */
const holdMs: Milliseconds = 60_000;
/** Less than this is not looked at: a picture, a log, a small push. */
const leastBytes = 5_000_000;
/** Beyond all there was by so much. */
const leastStrength = Math.log(4);

/** Nothing sent. */
export function createPlaceVolumes(): PlaceVolumes {
  return {
    stretches: new Map(),
    found: new Set(),
    uploaded: { onsetAt: undefined, sent: new Map() },
    late: new Map(),
  };
}

/**
 * Takes what was sent at one look. Far more than a place ever got within ten minutes, most of it one
 * way, is an upload to it: also to an allowed one, such as a file host or a repository of somebody
 * else's. The strength is the logarithm of how many times more, and `budget` says whether a person is
 * told, by how often the workload sends beyond all before; while an `upload` is told of already,
 * this is recorded beside it. What is over is learned, unless a person was told of it or
 * something was found wrong meanwhile (`learns` false): a push or an image that is sent becomes the
 * measure of the next.
 */
export function noteVolumes(
  volumes: PlaceVolumes,
  learned: LearnedVolumes,
  { at, destinations }: Pick<EgressObservation, 'at' | 'destinations'>,
  by: {
    readonly budget: AlarmBudget;
    readonly learning: boolean;
    readonly upload: Pick<Upload, 'told' | 'streamMs' | 'onsetAt'>;
    readonly learns: boolean;
    /** What is found now: a stretch may go on with a finding that began with an earlier one. */
    readonly findings: OpenFindings;
  },
  places = answeredPlaces(destinations),
): void {
  const { stretches, uploaded } = volumes;
  followUpload(uploaded, by.upload);
  stretches.forEach(({ onsetAt }, place) => {
    if (isOver(onsetAt, at)) endStretch(volumes, learned, place);
  });
  for (const [index, place] of places.each.entries()) {
    const each = destinations[index];
    if (each === undefined || place === undefined) continue;
    const stretch = stretchOf(volumes, place, at);
    stretch.sent += each.sentBytes;
    stretch.received += each.receivedBytes;
    notePoint(stretch, at);
    stretch.mistrusted ||= !by.learns;
    if (uploaded.onsetAt !== undefined) addUploaded(uploaded.sent, place, each.sentBytes);
  }
  if (by.learning) return;
  for (const place of places.all) {
    const stretch = stretches.get(place);
    if (stretch === undefined) continue;
    judge(stretch, place, learned, at, by);
    if (stretch.verdict !== undefined) volumes.found.add(place);
  }
}

/** Thirty in the ten minutes; the latest stands for its time. */
function notePoint({ points, sent, onsetAt }: Stretch, at: Moment): void {
  if (sent < floorBytes) return;
  if (points.length === 0 && at > onsetAt) points.push({ at: onsetAt, value: 0 });
  const before = points.at(-2);
  if (points.length > 1 && before !== undefined && at - before.at < pointMs) points.pop();
  points.push({ at, value: sent });
}

/** What holds at `at`. */
export function judgeVolumes({ stretches, found }: PlaceVolumes, at: Moment): readonly Verdict[] {
  if (found.size === 0) return noVerdicts;
  return [...stretches.values()].flatMap(({ verdict, seenAt }) =>
    // An absolute span: the clock may have been set back since.
    verdict !== undefined && Math.abs(at - seenAt) < holdMs ? [verdict] : [],
  );
}

/** Whether anything was found of what is under way. */
export function holdsVolumes({ found }: PlaceVolumes): boolean {
  return found.size > 0;
}

/**
 * Where most of an upload goes that is under way; undefined when to no one place, or before a look has
 * shown it.
 */
export function mainPlace(
  { uploaded }: PlaceVolumes,
  { bytes, onsetAt }: Pick<Upload, 'bytes' | 'onsetAt'>,
): string | undefined {
  if (uploaded.onsetAt !== onsetAt) return undefined;
  let main: string | undefined;
  let most = bytes / 2;
  for (const [place, sent] of uploaded.sent) {
    if (sent > most) [main, most] = [place, sent];
  }
  return main;
}

/** What went somewhere before it began is no part of it. */
function followUpload(
  uploaded: PlaceVolumes['uploaded'],
  { streamMs, onsetAt }: Pick<Upload, 'streamMs' | 'onsetAt'>,
): void {
  const now = streamMs > 0 ? onsetAt : undefined;
  if (uploaded.onsetAt !== now) uploaded.sent.clear();
  uploaded.onsetAt = now;
}

function addUploaded(sent: Map<string, number>, place: string, bytes: number): void {
  if (!sent.has(place) && sent.size >= mostPlaces) forgetLeast(sent, (each) => each);
  sent.set(place, (sent.get(place) ?? 0) + bytes);
}

/** Whether anything is known of what the finding told of, so that it could be learned. */
export function remembersVolume(
  { late, stretches }: PlaceVolumes,
  { series, onsetAt }: { readonly series: string; readonly onsetAt: Moment },
): boolean {
  const place = series.slice(volumeSeries.length);
  const now = stretches.get(place);
  return late.get(place)?.foundAt === onsetAt || (now?.verdict && now.foundAt) === onsetAt;
}

/**
 * The person holds normal what a finding of that series told of, which began with `onsetAt` and may be
 * over: it is learned at once.
 */
export function acceptVolume(
  volumes: PlaceVolumes,
  learned: LearnedVolumes,
  { series, onsetAt }: { readonly series: string; readonly onsetAt: Moment },
): void {
  const place = series.slice(volumeSeries.length);
  const late = volumes.late.get(place);
  if (late?.foundAt === onsetAt) {
    volumes.late.delete(place);
    learnVolume(learned, place, late.sent);
  }
  const stretch = volumes.stretches.get(place);
  if (stretch?.verdict === undefined) return;
  stretch.told = stretch.mistrusted = false;
  endStretch(volumes, learned, place);
}

/** By an absolute span: the clock may have been set back since. */
const isOver = (onsetAt: Moment, at: Moment): boolean => Math.abs(at - onsetAt) >= stretchMs;

function stretchOf({ stretches, found }: PlaceVolumes, place: string, at: Moment): Stretch {
  const known = stretches.get(place);
  if (known !== undefined) return known;
  if (stretches.size >= mostPlaces) found.delete(forgetLeast(stretches, ({ sent }) => sent));
  const onsetAt = at;
  const none = {
    sent: 0,
    received: 0,
    verdict: undefined,
    told: false,
    mistrusted: false,
    foundAt: 0,
  };
  const stretch: Stretch = { onsetAt, seenAt: at, ...none, points: [] };
  stretches.set(place, stretch);
  return stretch;
}

/**
 * Makes room, and says of which place. Not the latest to come: many small contacts are not to hide a large
 * one that follows.
 */
function forgetLeast<Each>(places: Map<string, Each>, sentOf: (each: Each) => number): string {
  let least = '';
  let fewest = Infinity;
  for (const [place, each] of places) {
    const sent = sentOf(each);
    if (sent < fewest) [least, fewest] = [place, sent];
  }
  places.delete(least);
  return least;
}

function endStretch(
  { stretches, found, late }: PlaceVolumes,
  learned: LearnedVolumes,
  place: string,
): void {
  const stretch = stretches.get(place);
  stretches.delete(place);
  found.delete(place);
  if (stretch === undefined) return;
  const { foundAt, sent, told, mistrusted } = stretch;
  if (told) {
    const known = late.get(place);
    late.delete(place);
    dropOldest(late);
    const most = known?.foundAt === foundAt ? Math.max(sent, known.sent) : sent;
    late.set(place, { foundAt, sent: most });
  } else if (!mistrusted) learnVolume(learned, place, sent);
}

/** Makes room for one more. */
function dropOldest(places: Map<string, unknown>): void {
  const [oldest] = places.keys();
  if (places.size >= mostPlaces && oldest !== undefined) places.delete(oldest);
}

function learnVolume(learned: LearnedVolumes, place: string, sent: number): void {
  const most = Math.max(sent, learned.get(place) ?? 0);
  learned.delete(place);
  // Less is no measure, and is not to push out what is one.
  if (most < floorBytes) return;
  dropOldest(learned);
  learned.set(place, most);
}

function judge(
  stretch: Stretch,
  place: string,
  learned: LearnedVolumes,
  at: Moment,
  how: {
    readonly budget: AlarmBudget;
    readonly upload: Pick<Upload, 'told'>;
    readonly findings: OpenFindings;
  },
): void {
  const isTold = how.upload.told;
  const { sent, received, onsetAt, points } = stretch;
  const before = learned.get(place);
  if (sent < leastBytes || sent < received) return;
  const strength = Math.log(sent / Math.max(floorBytes, before ?? 0));
  if (strength < leastStrength) return;
  const verdict = volumeVerdict({ place, sent, before, strength, isTold, onsetAt, points });
  stretch.seenAt = at;
  const found = foundAlready(how.findings, verdict.kind, verdict.series);
  stretch.foundAt = found?.onsetAt ?? Math.round(onsetAt);
  stretch.verdict = isTold
    ? verdict
    : ruledVerdict(how.budget, { source: 'sent', strength, at }, verdict);
  stretch.told ||= isTold || stretch.verdict.severity !== 'info';
}
