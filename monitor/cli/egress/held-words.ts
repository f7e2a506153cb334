import { createHash } from 'node:crypto';
import type { HeldOffer, HeldQuestion } from '../../model/held.ts';
import type { Moment } from '../../model/time.ts';
import { ruleText } from './egress-words.ts';
import { countOf, roughSpan, timeOfDay } from '../terminal/figures.ts';
import { oneLine } from '../terminal/width.ts';

/** Digits of an id that are shown; an answer takes any unique beginning. */
const shownDigits = 8;
const shownPorts = 3;
const dayMs = 24 * 3_600_000;

/** The offered rules of one verdict, the narrowest first; an answer counts them from 1. */
export function offersOf(
  { offers }: HeldQuestion,
  verdict: 'allow' | 'deny',
): readonly HeldOffer[] {
  return offers.filter(({ rule }) => rule.verdict === verdict);
}

/**
 * The ID to answer with. Of a question about several ports it ends in digits that stand for them: while
 * a person reads, the container may try more, and a number would then stand for another rule.
 */
export function shownId(question: HeldQuestion): string {
  const digits = question.id.slice(0, shownDigits);
  return question.others.length === 0 ? digits : `${digits}-${portDigits(question)}`;
}

/** Whether what was typed speaks of the ports that are asked about now; the whole ID always does. */
export function isAsSeen(question: HeldQuestion, typed: string): boolean {
  if (typed === question.id) return true;
  const [, seen] = typed.split('-');
  return seen === (question.others.length === 0 ? undefined : portDigits(question));
}

function portDigits({ protocol, port, others }: HeldQuestion): string {
  const ports = JSON.stringify(
    [{ protocol, port }, ...others].map((each) => [each.protocol, each.port]),
  );
  return createHash('sha256').update(ports).digest('hex').slice(0, 4);
}

/** What is asked about one destination, with the rules that would decide. */
export function questionLines(question: HeldQuestion, now: Moment): readonly string[] {
  const { containerName, image, attempts } = question;
  const since = `since ${timeOfDay(question.firstAt)}, tried ${countOf(attempts, 'time')}`;
  return [
    `${shownId(question)}  ${oneLine(containerName)} (${oneLine(image)}) wants to reach ${whereTo(question)}`,
    `  ${since}; ${standing(question, now)}; ${visit(question, now)}`,
    ...(['allow', 'deny'] as const).flatMap((verdict) =>
      offersOf(question, verdict).map(
        (offer, index) => `  ${verdict} ${index + 1}  ${offerText(offer, question)}`,
      ),
    ),
  ];
}

/** `api.test, TCP port 443, UDP port 443`. */
export function whereTo({
  name,
  address,
  others,
  ...first
}: Pick<HeldQuestion, 'name' | 'address' | 'protocol' | 'port' | 'others'>): string {
  const ports = [first, ...others].slice(0, shownPorts);
  const words = ports.map(({ protocol, port }) => `${protocol.toUpperCase()} port ${port}`);
  const more = others.length + 1 - ports.length;
  return `${oneLine(name ?? address, 300)}, ${words.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

function standing({ state, isHeld }: HeldQuestion, now: Moment): string {
  switch (state.kind) {
    case 'waiting':
      // Who sends a datagram, or anything over IPv6, was told at once that it is refused.
      return isHeld
        ? `held for ${roughSpan(state.until - now)} more`
        : `was refused, may be allowed from now on; the question is open for ${roughSpan(state.until - now)} more`;
    case 'unanswered':
      return state.quietUntil > now
        ? `refused, nobody answered; not asked again for ${roughSpan(state.quietUntil - now)}`
        : 'refused, nobody answered; asked again when it tries again';
    case 'deferred':
      return 'put off: refused until somebody answers';
  }
}

function visit({ lastVisit, recordedSince }: HeldQuestion, now: Moment): string {
  if (lastVisit !== undefined) return `was there ${span(now - lastVisit)} ago`;
  if (recordedSince === undefined) return 'nothing is on record yet';
  return `not in the ${span(now - recordedSince)} on record`;
}

function span(milliseconds: number): string {
  return milliseconds < 2 * dayMs
    ? roughSpan(milliseconds)
    : countOf(Math.round(milliseconds / dayMs), 'day');
}

function offerText({ rule, matched }: HeldOffer, { destinations }: HeldQuestion): string {
  // The verdict stands before the number already.
  const text = ruleText(rule).slice(rule.verdict.length + 1);
  if (destinations === 0) return text;
  const past = `${matched} of the ${countOf(destinations, 'destination')} of the past day`;
  return `${text}  [would have matched ${past}]`;
}
