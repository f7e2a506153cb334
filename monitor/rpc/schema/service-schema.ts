import { z } from 'zod';
import type { Action } from '../../model/action.ts';
import { severities } from '../../model/finding.ts';
import { answerSchema } from './answer-schema.ts';
import {
  actionSchema,
  containmentSchema,
  coverageSchema,
  decisionSchema,
  findingSchema,
  maybe,
  workloadSchema,
} from './model-schema.ts';
import { observationSchema, resourceSchema } from './observation-schema.ts';
import { policyViewSchema } from './policy-schema.ts';
import { lockdownSchema } from './egress-schema.ts';
import { heldRequestSchema } from './held-schema.ts';
import { triageSchema } from './triage-schema.ts';
import type {
  EngineView,
  ActRefusal,
  MonitorEvent,
  MonitorSnapshot,
  WorkloadView,
} from '../service/service.ts';
import { wholeSchema } from './whole-schema.ts';

const moment = z.number();

const connection = z.discriminatedUnion('state', [
  z.object({ state: z.literal('connected'), since: moment }),
  z.object({ state: z.literal('reconnecting'), since: moment, error: z.string() }),
  z.object({ state: z.literal('none') }),
]);

const cost = z.object({ cpuCores: z.number(), residentBytes: z.number() });

const workloadView = wholeSchema<WorkloadView>()(
  z.object({
    workload: workloadSchema,
    resource: maybe(resourceSchema),
    coverage: z.array(coverageSchema),
    learning: z.discriminatedUnion('state', [
      z.object({ state: z.literal('learning'), until: moment }),
      z.object({ state: z.literal('learned'), since: moment }),
    ]),
    findings: z.object({ open: z.number(), worst: maybe(z.enum(severities)) }),
    containment: maybe(containmentSchema),
  }),
);

/** The engine that is watched, as it crosses a border. */
export const engineSchema: z.ZodType<EngineView> = z.object({
  endpoint: z.string(),
  source: z.string(),
  id: z.string(),
  name: z.string(),
  version: z.string(),
  apiVersion: z.string(),
  simulated: z.boolean(),
  cgroupVersion: maybe(z.union([z.literal(1), z.literal(2)])),
  hostMemoryBytes: z.number(),
  hostCpus: z.number(),
});

/** The snapshot as it crosses a border. */
export const snapshotSchema = wholeSchema<MonitorSnapshot>()(
  z.object({
    at: moment,
    startedAt: moment,
    engine: maybe(engineSchema),
    connection,
    simulated: z.boolean(),
    policy: policyViewSchema,
    workloads: z.array(workloadView),
    leftOut: z.number(),
    cost,
    losses: z.array(z.object({ what: z.string(), count: z.number() })),
    triage: triageSchema,
    lockdown: maybe(lockdownSchema),
    held: maybe(z.array(heldRequestSchema)),
  }),
);

/** One event as it crosses a border. */
export const eventSchema = wholeSchema<MonitorEvent>()(
  z.discriminatedUnion('kind', [
    z.object({
      kind: z.literal('observations'),
      at: moment,
      observations: z.array(observationSchema),
      cost,
      leftOut: z.number(),
    }),
    z.object({ kind: z.literal('finding'), at: moment, finding: findingSchema }),
    z.object({ kind: z.literal('decision'), at: moment, decision: decisionSchema }),
    z.object({ kind: z.literal('action'), at: moment, action: actionSchema }),
    z.object({
      kind: z.literal('coverage'),
      at: moment,
      workload: z.string(),
      container: z.string(),
      coverage: coverageSchema,
    }),
    z.object({ kind: z.literal('connection'), at: moment, connection }),
    z.object({
      kind: z.literal('workload'),
      at: moment,
      change: z.enum(['appeared', 'changed', 'gone']),
      view: workloadView,
    }),
    z.object({ kind: z.literal('policy'), at: moment, policy: policyViewSchema }),
    z.object({ kind: z.literal('lockdown'), at: moment, lockdown: maybe(lockdownSchema) }),
    z.object({ kind: z.literal('held'), at: moment, held: z.array(heldRequestSchema) }),
    z.object({ kind: z.literal('triage'), at: moment, triage: triageSchema }),
  ]),
);

/** Why nothing was begun, as it crosses a border. */
export const actRefusalSchema: z.ZodType<ActRefusal> = z.object({
  kind: z.enum(['unknown-target', 'ambiguous-target', 'not-possible']),
  message: z.string(),
  advice: z.string(),
  candidates: z.array(z.object({ container: z.string(), name: z.string() })),
});

/** What `act` answers, as it crosses a border. */
export const actAnswerSchema = answerSchema<Action, ActRefusal>(actionSchema, actRefusalSchema);
