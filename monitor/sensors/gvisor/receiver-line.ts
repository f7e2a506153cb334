import * as z from 'zod';
import { failed, ok, type Result } from '../../runtime/result.ts';

const container = z.string().regex(/^[0-9a-f]{64}$/);
const whole = z.int().nonnegative();

const schema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('ready') }),
  z.object({ kind: z.literal('listening'), container }),
  z.object({ kind: z.literal('full'), container }),
  z.object({ kind: z.literal('attached'), container }),
  z.object({ kind: z.literal('gone'), container }),
  z.object({
    kind: z.literal('failed'),
    reason: z.string().transform((text) => text.slice(0, 256)),
  }),
  z.object({
    kind: z.literal('window'),
    ms: z.number().positive(),
    containers: z
      .array(
        z.object({
          container,
          /** Messages that gVisor threw away, that were not kept, and that made no sense. */
          dropped: whole,
          lost: whole,
          /** Of those not kept the rare calls. */
          lostCalls: whole.default(0),
          malformed: whole,
          /** Number of the call, how often it ended, how often of these refused. */
          counts: z.array(z.tuple([whole, whole, whole])).max(512),
        }),
      )
      .max(1024),
  }),
  z.object({
    kind: z.literal('message'),
    container,
    type: whole,
    body: z.string().regex(/^(?:[0-9a-f]{2})*$/),
    /** Of a program that starts: its file was written since the container is watched. */
    isNew: z.literal(true).exactOptional(),
  }),
]);

/** One line of the receiver, as it is understood. */
export type ReceiverLine = z.infer<typeof schema>;

/** A single message of a container, as hexadecimal digits. */
export type TraceMessageLine = Extract<ReceiverLine, { kind: 'message' }>;

export type TraceWindow = Extract<ReceiverLine, { kind: 'window' }>['containers'][number];

/** Parses a line of the receiver. The error says what is wrong with it. */
export function parseReceiverLine(line: string): Result<ReceiverLine, string> {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return failed('not JSON');
  }
  const parsed = schema.safeParse(value);
  return parsed.success ? ok(parsed.data) : failed(parsed.error.issues[0]?.message ?? 'not a line');
}
