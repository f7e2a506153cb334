import { z } from 'zod';
import type { Result } from '../../runtime/result.ts';

/** A result as it crosses a border: the value, or why there is none. */
export function answerSchema<Value, Refusal>(
  value: z.ZodType<Value>,
  refusal: z.ZodType<Refusal>,
): z.ZodType<Result<Value, Refusal>> {
  return z.discriminatedUnion('ok', [
    z.object({ ok: z.literal(true), value }),
    z.object({ ok: z.literal(false), error: refusal }),
  ]);
}
