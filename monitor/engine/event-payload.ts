import * as z from 'zod';
import type { EngineEvent } from './port.ts';
import type { Reading } from './json-stream.ts';
import { optionalText, optionalTextMap } from './payload.ts';

/**
 * One event. Engines up to API 1.51 also send `status`, `id` and `from`, and very old ones only
 * those; from 1.52 on only `Type`, `Action` and `Actor` are left.
 */
const event = z.object({
  Type: optionalText,
  Action: optionalText,
  Actor: z.object({ ID: optionalText, Attributes: optionalTextMap }).nullish(),
  status: optionalText,
  id: optionalText,
  from: optionalText,
  /** Seconds since 1970. */
  time: z.int().nonnegative().nullish(),
  /** Nanoseconds since 1970, as the digits that stood in the text. */
  timeNano: z
    .string()
    .regex(/^\d{1,20}$/)
    .nullish(),
});

const kinds: ReadonlySet<string> = new Set(['container', 'network', 'daemon']);

/**
 * Reads one line of the event stream. Events of `top` are skipped, since the call of that name
 * makes one each time and whoever reacts to it would never end; so are kinds nobody asked for.
 * Never throws.
 */
export function readEvent(line: string): Reading<EngineEvent> {
  let payload: unknown;
  try {
    payload = JSON.parse(line, exactNanoseconds);
  } catch {
    return { kind: 'garbage', reason: 'an event was left out: it is not JSON' };
  }
  const parsed = event.safeParse(payload);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const place = issue === undefined ? 'it' : issue.path.join('.');
    return {
      kind: 'garbage',
      reason: `an event was left out: "${place}" ${issue?.message ?? 'is wrong'}`,
    };
  }
  return eventOf(parsed.data);
}

function eventOf(payload: z.infer<typeof event>): Reading<EngineEvent> {
  const legacy = payload.Type === '' && payload.status !== '';
  const type = legacy ? 'container' : payload.Type;
  const words = payload.Action === '' ? payload.status : payload.Action;
  const { action, detail } = splitAction(words);
  const timeNano = timeOf(payload);
  const actor = firstText(payload.Actor?.ID, payload.id);
  if (type === '' || action === '' || timeNano === undefined) {
    return { kind: 'garbage', reason: 'an event was left out: kind, action or time is missing' };
  }
  if (!isKind(type) || action === 'top') return { kind: 'skip' };
  const attributes = payload.Actor?.Attributes ?? {};
  const named = 'image' in attributes || payload.from === '';
  return {
    kind: 'item',
    item: {
      timeNano,
      type,
      action,
      detail,
      actor,
      attributes: named ? attributes : { ...attributes, image: payload.from },
    },
  };
}

function isKind(type: string): type is EngineEvent['type'] {
  return kinds.has(type);
}

/** Splits `exec_create: sh -c "a: b"` at its first colon and space. */
function splitAction(words: string): { readonly action: string; readonly detail: string } {
  const colon = words.indexOf(': ');
  if (colon < 0) return { action: words.replace(/:$/, '').trim(), detail: '' };
  return { action: words.slice(0, colon).trim(), detail: words.slice(colon + 2).trim() };
}

function timeOf(payload: z.infer<typeof event>): string | undefined {
  if (payload.timeNano !== undefined && payload.timeNano !== null) return payload.timeNano;
  if (payload.time === undefined || payload.time === null) return undefined;
  return `${payload.time}000000000`;
}

function firstText(first: string | undefined, second: string): string {
  return first === undefined || first === '' ? second : first;
}

/**
 * A number of nanoseconds since 1970 is beyond what a double holds, and it is the key by which
 * events are told apart and resumed: its digits are taken from the source text.
 */
function exactNanoseconds(
  this: unknown,
  key: string,
  value: unknown,
  context?: { readonly source?: string },
): unknown {
  return key === 'timeNano' && typeof value === 'number' ? (context?.source ?? value) : value;
}
