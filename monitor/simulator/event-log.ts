import { passes, passesLabels } from './server/filters.ts';
import type { Filters } from './server/filters.ts';

/** What the engine tells of something that happened. */
export interface EventDraft {
  readonly type: 'container' | 'network' | 'daemon';
  readonly action: string;
  readonly actor: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** An event as it is kept and sent. */
export interface LoggedEvent extends EventDraft {
  /** Virtual milliseconds since 1970. */
  readonly at: number;
  /** Order within that millisecond; the last six digits of `timeNano`. */
  readonly order: number;
  /** The line of JSON, newline included. */
  readonly line: string;
}

/** Docker keeps this many events for those who ask with `since`. */
const historyLength = 256;

/** Names of filters that `/events` understands. */
export const eventFilterNames = [
  'config',
  'container',
  'daemon',
  'event',
  'image',
  'label',
  'network',
  'node',
  'plugin',
  'scope',
  'secret',
  'service',
  'type',
  'volume',
];

/** The events of an engine: the last 256, and whoever listens. */
export class EventLog {
  readonly #history: LoggedEvent[] = [];
  readonly #listeners = new Set<(event: LoggedEvent) => void>();
  readonly #now: () => number;
  #lastAt = -1;
  #order = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Records an event and tells the listeners. Times never repeat. */
  emit(draft: EventDraft): void {
    const at = this.#now();
    this.#order = at === this.#lastAt ? this.#order + 1 : 0;
    this.#lastAt = at;
    const event = { ...draft, at, order: this.#order, line: lineOf(draft, at, this.#order) };
    this.#history.push(event);
    if (this.#history.length > historyLength) this.#history.shift();
    for (const listener of this.#listeners) listener(event);
  }

  /** Events kept from `since` on (virtual nanoseconds since 1970), oldest first. */
  since(since: bigint): readonly LoggedEvent[] {
    return this.#history.filter((event) => nanosecondsOf(event) >= since);
  }

  /** Forgets what was kept, as an engine does that is started anew. */
  forget(): void {
    this.#history.length = 0;
  }

  /** Calls `listener` for each event to come, until the returned function is called. */
  listen(listener: (event: LoggedEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

/** When it happened, nanoseconds since 1970. */
export function nanosecondsOf(event: LoggedEvent): bigint {
  return BigInt(event.at) * 1_000_000n + BigInt(event.order);
}

/** Whether a listener with these filters wants the event. */
export function passesEventFilters(event: LoggedEvent, filters: Filters): boolean {
  const named = (type: EventDraft['type']) => (value: string) =>
    event.type === type &&
    (event.actor === value || event.actor.startsWith(value) || event.attributes['name'] === value);
  return (
    passes(filters, 'type', (value) => event.type === value) &&
    passes(filters, 'event', (value) => event.action.split(':')[0] === value.split(':')[0]) &&
    passes(filters, 'container', named('container')) &&
    passes(filters, 'network', named('network')) &&
    passes(filters, 'daemon', named('daemon')) &&
    passes(filters, 'image', (value) => event.attributes['image'] === value) &&
    passesLabels(filters, event.attributes)
  );
}

/** The line as engines before API 1.52 print it: containers also have `status`, `id` and `from`. */
function lineOf(draft: EventDraft, at: number, order: number): string {
  const old =
    draft.type === 'container'
      ? `"status":${JSON.stringify(draft.action)},"id":"${draft.actor}",` +
        `"from":${JSON.stringify(draft.attributes['image'] ?? '')},`
      : '';
  return (
    `{${old}"Type":"${draft.type}","Action":${JSON.stringify(draft.action)},` +
    `"Actor":{"ID":"${draft.actor}","Attributes":${JSON.stringify(draft.attributes)}},` +
    `"scope":"local","time":${Math.floor(at / 1_000)},` +
    // As text: nanoseconds since 1970 do not fit a JavaScript number.
    `"timeNano":${at}${String(order).padStart(6, '0')}}\n`
  );
}
