import { z } from 'zod';
import type { WorkloadPatterns, WorkloadSelector } from '../model/selector.ts';
import { noPatterns } from '../model/selector.ts';
import { actionSchema } from './action-schema.ts';
import { quantity } from './quantity-schema.ts';

const mode = z.enum(['observe', 'enforce']);

const pattern = z
  .string({ error: 'A pattern is a text: put it in quotes.' })
  .min(1, 'An empty pattern fits nothing. Write * for anything.')
  .max(256, 'A pattern has at most 256 characters.');

const patterns = z.array(pattern).max(100, 'At most 100 patterns in a list.').default([]);

const labels = z
  .record(
    z.string().max(256, 'A label key has at most 256 characters.'),
    z.union([z.literal(true), pattern], {
      error: 'A label wants a pattern in quotes, or true for any value.',
    }),
  )
  .refine((entries) => Object.keys(entries).length <= 100, 'At most 100 labels.')
  .default({});

const patternFields = { names: patterns, images: patterns, composeProjects: patterns, labels };

const workloadPatterns: z.ZodType<WorkloadPatterns> = z
  .strictObject(patternFields)
  .refine(saysSomething, 'This names nothing. Give names, images, composeProjects or labels.');

const workloadSelector: z.ZodType<WorkloadSelector> = z
  .strictObject({ ...patternFields, exclude: workloadPatterns.default(noPatterns) })
  .refine(
    (selector) => saysSomething(selector) || saysSomething(selector.exclude),
    'This names nothing. Leave it out to mean every workload.',
  );

const rule = z.strictObject({
  name: z
    .string()
    .regex(
      /^[A-Za-z0-9][A-Za-z0-9 ._-]{0,63}$/,
      'A rule’s name has 1 to 64 letters, digits, spaces, dots, hyphens and underscores.',
    ),
  mode: mode.optional(),
  for: workloadSelector.optional(),
  // YAML reads the condition `true` as a truth value and not as a text.
  when: z.union([z.string(), z.boolean().transform(String)], {
    error: 'The condition is a text such as finding.severity >= high.',
  }),
  hold: quantity('duration', { least: 0, most: '24h' }).default(0),
  do: z
    .array(actionSchema, {
      error: (issue) =>
        issue.input === undefined ? undefined : 'This wants a list, such as [notify, pause].',
    })
    .min(1, 'A rule without an action does nothing. Write [notify] at least.')
    .superRefine((actions, context) => {
      actions.forEach((action, index) => {
        if (actions.findIndex((other) => other.kind === action.kind) === index) return;
        context.addIssue({
          code: 'custom',
          path: [index],
          message: `"${action.kind}" is given twice.`,
        });
      });
    }),
  cooldown: quantity('duration', { least: '1s', most: '168h' }).default(600_000),
});

/** The policy file as it is written, before its conditions are compiled. */
export const policySchema = z.strictObject({
  version: z.literal(1, {
    error: (issue) =>
      issue.input === undefined ? undefined : 'This Sentra reads version 1 of the policy.',
  }),
  mode: mode.default('observe'),
  watch: workloadSelector.optional(),
  protect: workloadPatterns.default(noPatterns),
  limits: z
    .strictObject({
      actionsPerMinute: z
        .int('This wants a whole number.')
        .min(1, 'At least 1. To have nothing done, write mode: observe.')
        .max(600, 'At most 600.')
        .default(6),
    })
    .default({ actionsPerMinute: 6 }),
  rules: z.array(rule).max(200, 'A policy has at most 200 rules.'),
});

/** What `policySchema` makes of a policy file: defaults filled in, units turned into numbers. */
export type WrittenPolicy = z.infer<typeof policySchema>;

function saysSomething(written: WorkloadPatterns): boolean {
  return (
    written.names.length > 0 ||
    written.images.length > 0 ||
    written.composeProjects.length > 0 ||
    Object.keys(written.labels).length > 0
  );
}
