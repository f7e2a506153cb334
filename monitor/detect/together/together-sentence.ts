import type { Evidence } from '../../model/finding.ts';
import type { Moment } from '../../model/time.ts';
import { ringAt } from '../../stats/ring.ts';
import { rangeOf, type LearnedBaseline } from '../learned.ts';
import { valueInWords } from '../level-shift.ts';
import { recentEvidence, type Recent } from '../recent.ts';
import { floorOfBlocks, longBlocks, minuteBlocks, type RestlessCpu } from '../restless-cpu.ts';
import { series } from '../series.ts';
import type { LevelCore } from '../series/level-core.ts';
import { mixLately, type CallMix } from '../syscalls/call-mix.ts';
import type { Verdict } from '../verdict.ts';
import { coresInWords, countInWords, shareInWords, spanInWords } from '../words.ts';
import { channels, placeOf, placesOf, senses, type Channel } from './channels.ts';
import { notedSighting, type Sighting } from './strangest.ts';
import type { TogetherAlarm, TogetherFound } from './together-alarm.ts';

/** What the series of its findings is called. */
export const togetherSeries = 'several senses together';

/** What the sentence and the pictures are made from. */
export interface TogetherView {
  readonly recent: Recent;
  readonly restless: RestlessCpu;
  readonly mix: CallMix;
  readonly baseline: LearnedBaseline;
  readonly at: Moment;
}

/** Channels that brought less of the evidence are not worth a word. */
const leastShare = 0.1;
/** Channels that are named, and shown. */
const mostNamed = 4;
const mostShown = 3;

/** What a channel brought, in words and as pictures. */
interface Told {
  readonly words: string;
  readonly evidence: readonly Evidence[];
}

/** The verdict as *info*: which senses, how much each brought, and what is seen by them. */
export function tellTogether(
  alarm: TogetherAlarm,
  found: TogetherFound,
  view: TogetherView,
): Verdict {
  const total = Math.max(
    Number.MIN_VALUE,
    alarm.by.reduce((sum, each) => sum + each, 0),
  );
  const brought = channels
    .map((channel, place) => ({ channel, share: (alarm.by[place] ?? 0) / total }))
    .filter(({ share }) => share > 0)
    .sort((one, other) => other.share - one.share);
  const worth = brought.filter(({ share }, place) => place === 0 || share >= leastShare);
  const named = withMix(
    worth.slice(0, mostNamed).map(({ channel }) => channel),
    view,
  );
  const told = named.map((channel) => ({
    sense: senseOf(channel),
    ...tellChannel(channel, alarm, view),
  }));
  const parts = senses
    .map((sense) => ({
      sense,
      share: brought.reduce(
        (sum, each) => sum + (senseOf(each.channel) === sense ? each.share : 0),
        0,
      ),
      words: told.filter((each) => each.sense === sense).map(({ words }) => words),
    }))
    .filter(({ words }) => words.length > 0)
    .sort((one, other) => other.share - one.share)
    .map(({ sense, share, words }) => {
      const title = sense.charAt(0).toUpperCase() + sense.slice(1);
      return `${title} (${shareInWords(share)} of it): ${words.join('; ')}.`;
    });
  return {
    kind: 'several-senses',
    series: togetherSeries,
    severity: 'info',
    score: 1 - Math.exp(-found.strength),
    onsetAt: found.onsetAt,
    sentence:
      `All that was strange in the last ${spanInWords(view.at - found.onsetAt)}, taken together, is ` +
      `${found.times.toFixed(1)} times as much evidence as ever before that it does not do its usual work. ` +
      parts.join(' '),
    evidence: [
      {
        series: 'evidence of all senses',
        unit: 'count',
        observed: found.evidence,
        expected: { low: 0, high: found.record },
        recent: alarm.recent.map(({ at, evidence }) => ({ at, value: evidence })),
      },
      ...told.flatMap(({ evidence }) => evidence).slice(0, mostShown),
    ],
    technique: undefined,
  };
}

/** Where their rate is named, it is said as well which calls they are. */
function withMix(named: readonly Channel[], { mix, baseline }: TogetherView): readonly Channel[] {
  if (!named.includes('call rate') || named.includes('call mix')) return named;
  return mixLately(mix, baseline.profile.mixes)?.isSmall === false ? [...named, 'call mix'] : named;
}

/** The sense by which a channel is seen. */
function senseOf(channel: Channel): (typeof senses)[number] {
  const place = placeOf[channel];
  return senses.find((sense) => place < placesOf[sense][1]) ?? 'resources';
}

function tellChannel(
  channel: Channel,
  alarm: TogetherAlarm,
  { recent, restless, mix, baseline }: TogetherView,
): Told {
  const strangest = notedSighting(alarm.strangest, placeOf[channel]);
  switch (channel) {
    case 'cpu':
    case 'memory':
    case 'processes':
    case 'sent':
    case 'received':
    case 'block': {
      const { low, high } = rangeOf(baseline, channel);
      const { title } = series[channel];
      const inWords = (value: number): string => valueInWords(channel, value);
      const value = ringAt(recent.values[channel], 0) ?? 0;
      return {
        words: sightingInWords(title, strangest, inWords),
        evidence: [recentEvidence(recent, channel, value, { low, high })],
      };
    }
    case 'minute floor':
    case 'long floor': {
      const isLong = channel === 'long floor';
      const present = floorOfBlocks(restless.blocks, isLong ? longBlocks : minuteBlocks);
      const floor = strangest?.value ?? present;
      return {
        words: `CPU never below ${coresInWords(floor)} for ${isLong ? 'five minutes' : 'a minute'}`,
        evidence: [recentEvidence(recent, 'cpu', floor, undefined)],
      };
    }
    case 'call rate': {
      const one = alarm.core.rate;
      const title = 'outward calls a second';
      return {
        words: sightingInWords(title, strangest, countInWords),
        evidence: [levelEvidence(title, one.level, one.now.last)],
      };
    }
    case 'places':
      return {
        words: sightingInWords('destinations in five seconds', strangest, countInWords),
        evidence: [],
      };
    case 'call mix': {
      const told = mixLately(mix, baseline.profile.mixes);
      return {
        words: told === undefined ? 'another mix of calls' : lowered(told.lead),
        evidence: told?.evidence.slice(0, 1) ?? [],
      };
    }
    case 'all series':
      return { words: 'all series together', evidence: [] };
  }
}

/** Of what no picture is kept: the latest value, and three usual distances about the usual level. */
function levelEvidence(title: string, { now }: LevelCore, observed: number): Evidence {
  const low = Math.max(0, now.middle - 3 * now.deviation);
  const expected = { low, high: now.middle + 3 * now.deviation };
  return { series: title, unit: 'count', observed, expected, recent: [] };
}

/** What was seen when it was strangest, in the view by which it was, beside what is usual. */
function sightingInWords(
  title: string,
  seen: Sighting | undefined,
  inWords: (value: number) => string,
): string {
  if (seen === undefined) return title;
  const { by, value, usual } = seen;
  const [now, before] = [inWords(value), inWords(usual)];
  // Figures that read alike would call the usual strange.
  const beside = now === before ? timesInWords(value / usual) : `usually ${before}`;
  switch (by) {
    case 'level':
      return `${title} ${now}, ${beside}`;
    case 'mean':
      return `${title} ${now} on average over a minute and more, ${beside}`;
    case 'unrest':
      return `${title} changing by ${now} from five seconds to the next, ${beside}`;
  }
}

function timesInWords(times: number): string {
  return times >= 1.05 && Number.isFinite(times)
    ? `${times.toFixed(1)} times as much as usual`
    : 'hardly otherwise than usual';
}

function lowered(words: string): string {
  return words.charAt(0).toLowerCase() + words.slice(1);
}
