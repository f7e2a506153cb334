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
import { historySeries } from '../service/service-history.ts';
import type {
  FactsRefusal,
  History,
  ProcessList,
  ProcessRefusal,
  RecordRefusal,
  TimelineEntry,
} from '../service/service-history.ts';
import type { Action } from '../../model/action.ts';
import type { Decision } from '../../model/decision.ts';
import type { ContainerFacts } from '../../model/container-facts.ts';

const moment = z.number();
const values = z.array(z.number().nullable());

const recordRefusalSchema: z.ZodType<RecordRefusal> = z.object({
  kind: z.literal('record-failed'),
  message: z.string(),
  advice: z.string(),
});

/** What `history` answers. */
export const historyAnswerSchema = answerSchema<History, RecordRefusal>(
  z.object({
    at: z.array(moment),
    series: z.array(
      z.object({
        name: z.enum(historySeries),
        mean: values,
        max: values,
        learned: maybe(z.object({ low: z.number(), high: z.number() })),
      }),
    ),
  }),
  recordRefusalSchema,
);

const timelineSchema: z.ZodType<readonly TimelineEntry[]> = z.array(
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

/** What `timeline` answers. */
export const timelineAnswerSchema = answerSchema(timelineSchema, recordRefusalSchema);

/** What `decisions` answers. */
export const decisionsAnswerSchema = answerSchema<readonly Decision[], RecordRefusal>(
  z.array(decisionSchema),
  recordRefusalSchema,
);

/** What `actions` answers. */
export const actionsAnswerSchema = answerSchema<readonly Action[], RecordRefusal>(
  z.array(actionSchema),
  recordRefusalSchema,
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

const texts = z.array(z.string());

/** What `containerFacts` answers. */
export const factsAnswerSchema = answerSchema<ContainerFacts, FactsRefusal>(
  z.object({
    createdAt: maybe(moment),
    imageId: z.string(),
    command: texts,
    workingFolder: z.string(),
    user: z.string(),
    mounts: z.array(
      z.object({
        kind: z.string(),
        source: z.string(),
        target: z.string(),
        writable: z.boolean(),
      }),
    ),
    ports: z.array(z.object({ port: z.string(), offeredAt: maybe(z.string()) })),
    addresses: z.array(z.object({ network: z.string(), addresses: texts })),
    restart: z.object({ policy: z.string(), mostRetries: z.number() }),
    health: maybe(z.object({ state: z.string(), failures: z.number() })),
    privileged: z.boolean(),
    readOnlyRoot: z.boolean(),
    addedCapabilities: texts,
    droppedCapabilities: texts,
    securityOptions: texts,
    devices: texts,
    hostNamespaces: texts,
    omitted: z.number(),
  }),
  z.object({
    kind: z.enum(['not-watched', 'engine-failed']),
    message: z.string(),
    advice: z.string(),
  }),
);
