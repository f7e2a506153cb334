import { z } from 'zod';
import { findingKinds } from '../../model/finding.ts';
import { answerSchema } from './answer-schema.ts';
import type { TriageRefusal, TriageView } from '../service/service-triage.ts';

/** What a person said about findings, as it crosses a border. */
export const triageSchema: z.ZodType<TriageView> = z.object({
  words: z.array(
    z.object({
      says: z.enum(['normal', 'false-alarm']),
      finding: z.string(),
      at: z.number(),
    }),
  ),
  mutes: z.array(
    z.object({
      workload: z.string(),
      kind: z.enum(findingKinds),
      since: z.number(),
      until: z.number(),
    }),
  ),
});

/** What the methods of triage answer. */
export const triageAnswerSchema = answerSchema<TriageView, TriageRefusal>(
  triageSchema,
  z.object({
    kind: z.enum(['unknown-finding', 'finding-closed', 'too-many', 'not-recorded']),
    message: z.string(),
    advice: z.string(),
  }),
);
