import { z } from 'zod';
import { answerSchema } from './answer-schema.ts';
import {
  actionSchema,
  coverageSchema,
  decisionSchema,
  findingSchema,
  maybe,
} from './model-schema.ts';
import { processEntrySchema } from './observation-schema.ts';
import { historySeries } from './service-history.ts';
import type { History, ProcessList, ProcessRefusal, TimelineEntry } from './service-history.ts';

const moment = z.number();
const values = z.array(z.number().nullable());

/** Resource use over time, as it crosses a border. */
export const historySchema: z.ZodType<History> = z.object({
  at: z.array(moment),
  series: z.array(
    z.object({
      name: z.enum(historySeries),
      mean: values,
      max: values,
      learned: maybe(z.object({ low: z.number(), high: z.number() })),
    }),
  ),
});

/** What happened to a workload, as it crosses a border. */
export const timelineSchema: z.ZodType<readonly TimelineEntry[]> = z.array(
  z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('finding'), at: moment, finding: findingSchema }),
    z.object({ kind: z.literal('decision'), at: moment, decision: decisionSchema }),
    z.object({ kind: z.literal('action'), at: moment, action: actionSchema }),
    z.object({
      kind: z.literal('coverage'),
      at: moment,
      container: z.string(),
      coverage: coverageSchema,
    }),
  ]),
);

/** What `processes` answers. */
export const processAnswerSchema = answerSchema<ProcessList, ProcessRefusal>(
  z.object({
    at: moment,
    container: z.string(),
    processes: z.array(processEntrySchema),
    omitted: z.number(),
  }),
  z.object({
    kind: z.enum(['not-watched', 'not-running', 'engine-failed']),
    message: z.string(),
    advice: z.string(),
  }),
);
