import { z } from 'zod';
import { answerSchema } from './answer-schema.ts';
import { maybe, plannedActionSchema } from './model-schema.ts';
import type {
  PolicyCheck,
  PolicyPreview,
  PolicyProblemView,
  PolicyRefusal,
  PolicyTextView,
  PolicyView,
} from '../service/service-policy.ts';

const mode = z.enum(['observe', 'enforce']);

const problem: z.ZodType<PolicyProblemView> = z.object({
  severity: z.enum(['error', 'warning']),
  line: maybe(z.number()),
  column: maybe(z.number()),
  message: z.string(),
});

const refusal: z.ZodType<PolicyRefusal> = z.object({
  kind: z.enum([
    'broken',
    'changed-meanwhile',
    'not-written',
    'unknown-version',
    'unknown-rule',
    'busy',
    'cancelled',
  ]),
  message: z.string(),
  advice: z.string(),
  problems: z.array(problem),
});

/** The policy in force, as it crosses a border. */
export const policyViewSchema: z.ZodType<PolicyView> = z.object({
  source: z.string(),
  mode,
  problems: z.array(problem),
  loadedAt: z.number(),
});

/** The policy's text with its versions, as it crosses a border. */
export const policyTextSchema: z.ZodType<PolicyTextView> = z.object({
  policy: policyViewSchema,
  text: z.string(),
  fileHash: maybe(z.string()),
  brokenText: maybe(z.string()),
  path: z.string(),
  rules: z.array(
    z.object({
      name: z.string(),
      mode,
      actions: z.array(plannedActionSchema),
      workloads: z.string(),
      condition: z.string(),
      holdMs: z.number(),
      cooldownMs: z.number(),
      line: z.number(),
    }),
  ),
  versions: z.array(z.object({ hash: z.string(), loadedAt: z.number(), source: z.string() })),
});

/** What `checkPolicy` answers. */
export const policyCheckSchema: z.ZodType<PolicyCheck> = z.object({ problems: z.array(problem) });

/** What `savePolicy`, `enforce` and `observe` answer. */
export const policyAnswerSchema = answerSchema(policyTextSchema, refusal);

/** What `policyVersion` answers. */
export const policyVersionAnswerSchema = answerSchema(z.object({ text: z.string() }), refusal);

const preview: z.ZodType<PolicyPreview> = z.object({
  from: z.number(),
  to: z.number(),
  findings: z.number(),
  isCut: z.boolean(),
  leftOut: z.number(),
  rules: z.array(
    z.object({
      rule: z.string(),
      mode,
      decisions: z.number(),
      workloads: z.array(
        z.object({ workload: z.string(), name: z.string(), decisions: z.number() }),
      ),
      examples: z.array(
        z.object({
          at: z.number(),
          finding: z.string(),
          sentence: z.string(),
          workload: z.string(),
          name: z.string(),
          actions: z.array(plannedActionSchema),
        }),
      ),
    }),
  ),
  problems: z.array(z.string()),
});

/** What `previewPolicy` answers. */
export const previewAnswerSchema = answerSchema(preview, refusal);

/** What `previewProgress` and `cancelPreview` answer. */
export const previewProgressSchema = maybe(z.object({ done: z.number(), of: z.number() }));
