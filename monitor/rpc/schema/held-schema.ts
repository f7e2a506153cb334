import { z } from 'zod';
import type { HeldQuestion, HeldRequest } from '../../model/held.ts';
import { answerSchema } from './answer-schema.ts';
import { egressRuleSchema, refusalSchema } from './egress-schema.ts';
import { maybe } from './model-schema.ts';
import type { HeldReport } from '../service/service-held.ts';
import type { ActRefusal } from '../service/service.ts';

const port = { protocol: z.enum(['tcp', 'udp']), port: z.number() };

const request = z.object({
  id: z.string(),
  container: z.string(),
  workload: z.string(),
  containerName: z.string(),
  image: z.string(),
  name: maybe(z.string()),
  address: z.string(),
  ...port,
  others: z.array(z.object(port)),
  isHeld: z.boolean(),
  firstAt: z.number(),
  lastAt: z.number(),
  attempts: z.number(),
  state: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('waiting'), until: z.number() }),
    z.object({ kind: z.literal('unanswered'), quietUntil: z.number() }),
    z.object({ kind: z.literal('deferred') }),
  ]),
});

/** What is held, as it crosses a border. */
export const heldRequestSchema: z.ZodType<HeldRequest> = request;

const question: z.ZodType<HeldQuestion> = request.extend({
  offers: z.array(z.object({ rule: egressRuleSchema, matched: z.number() })),
  destinations: z.number(),
  lastVisit: maybe(z.number()),
  recordedSince: maybe(z.number()),
});

/** What the methods about held connections answer. */
export const heldReportSchema: z.ZodType<HeldReport> = z.object({
  questions: z.array(question),
  notice: maybe(z.string()),
});

export const heldAnswerSchema = answerSchema<HeldReport, ActRefusal>(
  heldReportSchema,
  refusalSchema,
);
