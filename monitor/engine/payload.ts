import * as z from 'zod';
import { failed, ok, type Result } from '../runtime/result.ts';
import type { EngineError } from './port.ts';
import { garbage } from './engine-error.ts';

/** A text, where engines written in Go may also send null or leave it out; then empty. */
export const optionalText = z
  .string()
  .nullish()
  .transform((text) => text ?? '');

/** An amount, zero where it is null or left out. */
export const optionalAmount = z
  .number()
  .nullish()
  .transform((amount) => amount ?? 0);

/** A list of texts, empty where it is null or left out. */
export const optionalTexts = z
  .array(z.string())
  .nullish()
  .transform((texts) => texts ?? []);

/** A map from text to text, empty where it is null or left out. */
export const optionalTextMap = z
  .record(z.string(), z.string())
  .nullish()
  .transform((map) => map ?? {});

/** An id of a container or network: 64 hexadecimal digits, in lower case. */
export const fullId = z.string().regex(/^[0-9a-f]{64}$/);

/**
 * Parses the text of an answer against a schema. `what` names the call. Extra members are ignored;
 * a missing member or a wrong type is `garbage`, with the place where it is wrong.
 */
export function readPayload<Value>(
  what: string,
  text: string,
  schema: z.ZodType<Value>,
): Result<Value, EngineError> {
  let payload: unknown;
  try {
    payload = JSON.parse(text);
  } catch {
    return failed(garbage(what, 'it is not JSON'));
  }
  const parsed = schema.safeParse(payload);
  if (parsed.success) return ok(parsed.data);
  const issue = parsed.error.issues[0];
  const place = issue === undefined || issue.path.length === 0 ? 'it' : issue.path.join('.');
  return failed(garbage(what, `${place}: ${issue?.message ?? 'it is wrong'}`));
}

/** Milliseconds since 1970 of an RFC 3339 time; undefined for Go's zero time and for no time. */
export function momentOf(text: string): number | undefined {
  if (text === '' || text.startsWith('0001-01-01')) return undefined;
  const moment = Date.parse(text);
  return Number.isNaN(moment) ? undefined : moment;
}
