import type { HeldQuestion, HeldRequest } from '../../monitor/model/held.ts';
import type { Moment } from '../../monitor/model/time.ts';
import type { ContainerId } from '../../monitor/model/workload.ts';
import { plainText } from '../../monitor/runtime/plain-text.ts';
import { countOf, shownName } from '../tray/words.ts';
import type { Notice } from './notice.ts';

/** What is held of a container and was not told of yet. */
export interface HeldNews {
  readonly container: ContainerId;
  readonly requests: readonly HeldRequest[];
}

/** Knows what was told. */
export interface HeldTold {
  /** What is new among these, by container: what waits now and did not before. */
  step(held: readonly HeldRequest[]): readonly HeldNews[];
}

/** Nothing was told yet. */
export function createHeldTold(): HeldTold {
  /** When the hold that was told of ends: asked again, it is told again. */
  let told = new Map<string, number>();
  return {
    step(held) {
      const waiting = new Map<string, number>();
      const news = new Map<ContainerId, HeldRequest[]>();
      const fresh = new Set<ContainerId>();
      for (const request of held) {
        if (request.state.kind !== 'waiting') continue;
        const { id, container, state } = request;
        waiting.set(id, state.until);
        if (told.get(id) !== state.until) fresh.add(container);
        news.set(container, [...(news.get(container) ?? []), request]);
      }
      told = waiting;
      return [...news].flatMap(([container, requests]) =>
        fresh.has(container) ? [{ container, requests }] : [],
      );
    },
  };
}

/** What became of it: datagrams and IPv6 are not held. */
function fate(requests: readonly HeldRequest[]): string {
  return requests.some(({ isHeld }) => isHeld)
    ? 'No rule decides about it; it is held for two minutes and then refused.'
    : 'No rule decides about it, and it was refused; you can allow it from now on.';
}

/** What helps to decide about one question, as far as the record goes. */
function history(question: HeldQuestion, now: Moment): string {
  const { lastVisit, recordedSince, destinations, offers } = question;
  const [narrowest] = offers;
  const visit =
    lastVisit !== undefined
      ? `It was there ${span(now - lastVisit)} ago.`
      : recordedSince === undefined
        ? 'Nothing is on record yet about where it goes.'
        : `It was never there in the ${span(now - recordedSince)} on record.`;
  if (destinations === 0 || narrowest?.rule.verdict !== 'allow') return `${visit} `;
  const share = `${narrowest.matched} of ${countOf(destinations, 'destination')} of the past day`;
  return `${visit} Allowing just that would have matched ${share}. `;
}

const hourMs = 3_600_000;

/** Roughly: `12 minutes`, `3 hours`, `9 days`. */
function span(milliseconds: number): string {
  const hours = milliseconds / hourMs;
  if (hours >= 48) return countOf(Math.round(hours / 24), 'day');
  if (hours >= 1.5) return countOf(Math.round(hours), 'hour');
  return countOf(Math.max(1, Math.round(hours * 60)), 'minute');
}

/**
 * One notification for all that is held of a container. Its button refuses; to allow opens the window.
 * `known` is what else is known about a question that comes alone, and when.
 */
export function heldNotice(
  { container, requests }: HeldNews,
  known?: { readonly question: HeldQuestion; readonly now: Moment },
): Notice {
  const [latest] = requests;
  const name = shownName(latest?.containerName ?? container.slice(0, 12));
  const place = { screen: 'egress', container } as const;
  const places = requests
    .slice(0, 3)
    .map(
      (each) =>
        `${plainText(each.name ?? each.address, 80)} (${each.protocol} ${each.port}${each.others.length > 0 ? ` and ${each.others.length} more` : ''})`,
    );
  const more = requests.length - places.length;
  const list = `${places.join(', ')}${more > 0 ? ` and ${countOf(more, 'other place')}` : ''}`;
  return {
    title:
      requests.length === 1
        ? `${name} asks to leave`
        : `${name} asks for ${countOf(requests.length, 'connection')}`,
    body: `${list}. ${known === undefined ? '' : history(known.question, known.now)}${fate(requests)} Image ${plainText(latest?.image ?? '', 80)}.`,
    urgency: 'normal',
    place,
    buttons: [
      {
        label: 'Refuse once',
        deed: { kind: 'refuse-held', requests: requests.map(({ id }) => id) },
      },
      { label: 'Decide …', deed: { kind: 'open', place } },
    ],
  };
}
