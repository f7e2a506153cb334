import { z } from 'zod';

import type { Logger } from '../runtime/logger.ts';
import { messageOf } from '../runtime/logger.ts';
import { failed, ok } from '../runtime/result.ts';
import type { Result } from '../runtime/result.ts';
import { storeError } from './store-error.ts';
import type { StoreError } from './store-error.ts';

/** The most characters of JSON that one row may hold. Labels and the like come from outside. */
const longestBody = 1024 * 1024;

/** Counts stored rows that were refused because they are not what Sentra writes. */
export interface RefusedRows {
  add(table: string, reason: string): void;
  total(): number;
}

/** Says the first refusal of each table aloud, and counts all of them. */
export function countRefusedRows(logger: Logger): RefusedRows {
  const perTable = new Map<string, number>();
  return {
    add(table, reason) {
      const before = perTable.get(table) ?? 0;
      perTable.set(table, before + 1);
      if (before === 0) {
        logger.warn(`The record holds a row in ${table} that cannot be read; left out: ${reason}`);
      }
    },
    total: () => [...perTable.values()].reduce((sum, count) => sum + count, 0),
  };
}

/**
 * The JSON of a value as it is stored. JSON has no infinity: it becomes the largest number, so that
 * an open-ended range does not make the whole row unreadable. NaN is a bug and becomes null.
 */
export function encodeBody(wanted: string, value: unknown): Result<string, StoreError> {
  const plain = JSON.stringify(value);
  // Asked about each member it takes several times as long, and hardly anything is without end.
  const body = plain.includes('null') ? JSON.stringify(value, endless) : plain;
  if (body.length <= longestBody) return ok(body);
  return failed(
    storeError('too-large', wanted, `it takes ${body.length} characters of ${longestBody} allowed`),
  );
}

/** Infinity is written as null where nobody replaces it. */
function endless(_key: string, member: unknown): unknown {
  if (member === Infinity) return Number.MAX_VALUE;
  return member === -Infinity ? -Number.MAX_VALUE : member;
}

/** Reads one stored body, or counts it as refused and returns undefined. */
export function decodeBody<Value>(
  table: string,
  body: unknown,
  schema: z.ZodType<Value>,
  refused: RefusedRows,
): Value | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(String(body));
  } catch (error) {
    refused.add(table, messageOf(error));
    return undefined;
  }
  const checked = schema.safeParse(parsed);
  if (checked.success) return checked.data;
  refused.add(table, z.prettifyError(checked.error));
  return undefined;
}

/** A member that may be missing: JSON has no undefined. */
export function absent<Value>(schema: z.ZodType<Value>) {
  return schema.nullish().transform((value): Value | undefined => value ?? undefined);
}

/** A moment as it is stored: milliseconds that a Date can hold. */
export const moment = z.number().min(-8.64e15).max(8.64e15);

/** The number of rows to ask for: at least 1, at most 1,000. */
export function boundedLimit(limit: number): number {
  return Math.min(1000, Math.max(1, Math.trunc(limit)));
}

/** Moments are stored whole; a fraction of a millisecond stays in the body. */
export function wholeMoment(at: number): number {
  return Math.round(at);
}
