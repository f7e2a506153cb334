import { z } from 'zod';
import { answerSchema } from './answer-schema.ts';
import { maybe } from './model-schema.ts';
import type { AlarmsRefusal, AlarmsView } from '../service/service-alarms.ts';

/** The budget of false alarms, as it crosses a border. */
export const alarmsSchema: z.ZodType<AlarmsView> = z.object({
  alarmsPerDay: z.number(),
  workloads: z.array(
    z.object({
      workload: z.string(),
      name: z.string(),
      watchedMs: z.number(),
      expectedPerDay: z.number(),
      actualPerDay: maybe(z.number()),
      told: z.number(),
      markedFalse: z.number(),
      onceInMs: z.number(),
      claim: z.string(),
    }),
  ),
});

/** What raising and lowering the budget answer. */
export const alarmsAnswerSchema = answerSchema<AlarmsView, AlarmsRefusal>(
  alarmsSchema,
  z.object({
    kind: z.enum(['wrong-direction', 'not-recorded']),
    message: z.string(),
    advice: z.string(),
  }),
);
