import { z } from 'zod';
import { answerSchema } from './answer-schema.ts';
import { coverageSchema, maybe } from './model-schema.ts';
import { observationProcess, processStartMembers, rareCallMembers } from './observation-schema.ts';
import { actRefusalSchema } from './service-schema.ts';
import {
  behaviourBounds,
  type CallsView,
  type RareCall,
  type StartsView,
  type TreeStart,
} from '../service/service-behaviour.ts';
import type { ActRefusal } from '../service/service.ts';

const ofContainer = {
  at: z.number(),
  container: z.string(),
  name: z.string(),
  coverage: maybe(coverageSchema),
};

const rare: z.ZodType<RareCall> = z.object({
  at: z.number(),
  ...observationProcess,
  ...rareCallMembers,
});

const start: z.ZodType<TreeStart> = z.object({
  depth: z.number(),
  at: z.number(),
  ...observationProcess,
  ...processStartMembers,
});

/** What `calls` answers. */
export const callsAnswerSchema = answerSchema<CallsView, ActRefusal>(
  z.object({
    ...ofContainer,
    calls: z
      .array(
        z.object({
          name: z.string(),
          perSecond: z.number(),
          refusedPerSecond: z.number(),
          usualPerSecond: z.number(),
        }),
      )
      .max(behaviourBounds.calls),
    omitted: z.number(),
    usualMs: z.number(),
    perSecond: z.array(z.number()).max(behaviourBounds.seconds),
    rare: z.array(rare).max(behaviourBounds.rare),
  }),
  actRefusalSchema,
);

/** What `starts` answers. */
export const startsAnswerSchema = answerSchema<StartsView, ActRefusal>(
  z.object({
    ...ofContainer,
    starts: z.array(start).max(behaviourBounds.starts),
    omitted: z.number(),
  }),
  actRefusalSchema,
);
