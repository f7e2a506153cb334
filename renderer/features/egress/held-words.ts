import { clockSpan, relativeTime } from '../../format/duration.ts';
import { countOf, grouped } from '../../format/number.ts';
import { oneLine } from '../../format/plain-text.ts';
import type { HeldQuestion } from '../../state/model.ts';

/** Ports that are named one by one. */
const shownPorts = 3;

/** Where it wants to go: `api.example.com, TCP 443`. */
export function destinationWords({ name, address, others, ...first }: HeldQuestion): string {
  const ports = [first, ...others].slice(0, shownPorts);
  const words = ports.map(({ protocol, port }) => `${protocol.toUpperCase()} ${port}`);
  const more = others.length + 1 - ports.length;
  return `${oneLine(name ?? address, 260)}, ${words.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

/** What becomes of it while nobody answers. */
export function stateWords({ state, isHeld }: HeldQuestion, now: number): string {
  switch (state.kind) {
    case 'waiting': {
      const left = clockSpan(Math.max(0, state.until - now));
      // Who sends a datagram, or anything over IPv6, was told at once that it is refused.
      return isHeld
        ? `Held; refused in ${left} unless you answer.`
        : `It was refused. Allow it from now on? The question is open for ${left}.`;
    }
    case 'unanswered':
      return 'Refused, since nobody answered in time. It asks again when it is tried again later.';
    case 'deferred':
      return 'Put off: refused, and not asked about again until you answer.';
  }
}

/** Whether the workload was ever there, as far as the record goes. */
export function visitWords({ lastVisit, recordedSince }: HeldQuestion, now: number): string {
  if (lastVisit !== undefined) return `It was there ${relativeTime(lastVisit, now)}.`;
  if (recordedSince === undefined) return 'Nothing is on record yet about where it goes.';
  return `It was never there on record, which began ${relativeTime(recordedSince, now)}.`;
}

/** What else a rule would have decided: ` (matches 7 of 412 destinations of the past day)`. */
export function matchedWords(matched: number, destinations: number): string {
  if (destinations === 0) return '';
  return ` (matches ${grouped(matched)} of ${countOf(destinations, 'destination')} of the past day)`;
}
