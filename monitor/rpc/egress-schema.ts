import { z } from 'zod';
import { egressModes, type WrittenEgressRule } from '../model/egress.ts';
import type { EgressObservation } from '../model/observation.ts';
import type { Result } from '../runtime/result.ts';
import type { EgressView } from './egress-service.ts';
import { coverageSchema, maybe } from './model-schema.ts';
import type { ActRefusal } from './service.ts';

const destination = z.object({
  address: z.string(),
  name: maybe(z.string()),
  protocol: z.string(),
  port: maybe(z.number()),
  sentPackets: z.number(),
  sentBytes: z.number(),
  receivedPackets: z.number(),
  receivedBytes: z.number(),
  refusedPackets: z.number(),
});

const refusalSchema = z.object({
  kind: z.enum(['unknown-target', 'ambiguous-target', 'not-possible']),
  message: z.string(),
  advice: z.string(),
  candidates: z.array(z.object({ container: z.string(), name: z.string() })),
});

const askedName = z.object({ name: z.string(), refused: z.boolean(), count: z.number() });

/** What was seen of a container's egress, as it crosses a border. */
export const egressObservationSchema = z.object({
  at: z.number(),
  workload: z.string(),
  container: z.string(),
  kind: z.literal('egress'),
  mode: z.enum(['observe', 'enforce']),
  destinations: z.array(destination),
  names: z.array(askedName),
  omitted: z.number(),
  breach: maybe(z.string()),
}) satisfies z.ZodType<EgressObservation>;

/** A rule as it crosses a border; what it means is checked by the monitor. */
export const egressRuleSchema = z.strictObject({
  verdict: z.enum(['allow', 'deny']),
  target: z.string().min(1).max(1000),
  protocol: z.enum(['tcp', 'udp']).optional(),
  port: z.number().int().min(1).max(65_535).optional(),
  local: z.boolean().optional(),
}) satisfies z.ZodType<WrittenEgressRule>;

/** What the egress methods answer, as it crosses a border. */
export const egressAnswerSchema: z.ZodType<Result<EgressView, ActRefusal>> = z.discriminatedUnion(
  'ok',
  [
    z.object({
      ok: z.literal(true),
      value: z.object({
        container: z.string(),
        name: z.string(),
        workload: z.string(),
        mode: z.enum(egressModes),
        rules: z.array(egressRuleSchema),
        coverage: maybe(coverageSchema),
        destinations: z.array(destination),
        names: z.array(askedName),
        probes: z.array(
          z.object({
            what: z.string(),
            outcome: z.enum(['as-it-should', 'wrong', 'not-proved']),
            detail: z.string(),
          }),
        ),
      }),
    }),
    z.object({ ok: z.literal(false), error: refusalSchema }),
  ],
);
