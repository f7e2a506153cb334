import { z } from 'zod';
import type { Action } from '../../model/action.ts';
import type { Containment } from '../../model/containment.ts';
import { sensorNames } from '../../model/coverage.ts';
import type { Coverage } from '../../model/coverage.ts';
import type { Decision, PlannedAction } from '../../model/decision.ts';
import { evidenceUnits, findingKinds, severities } from '../../model/finding.ts';
import type { Finding } from '../../model/finding.ts';
import type { Workload } from '../../model/workload.ts';
import { wholeSchema } from './whole-schema.ts';

/** A member that JSON leaves out when it is undefined, but that the model always names. */
export function maybe<Schema extends z.ZodType>(schema: Schema) {
  return schema.optional().transform((value) => value);
}

const limits = {
  memoryBytes: maybe(z.number()),
  pids: maybe(z.number()),
};

const moment = z.number();

/** Workload as it crosses a border. */
export const workloadSchema = wholeSchema<Workload>()(
  z.object({
    key: z.string(),
    container: z.string(),
    name: z.string(),
    image: z.string(),
    imageId: z.string().optional(),
    labels: z.record(z.string(), z.string()),
    composeProject: maybe(z.string()),
    composeService: maybe(z.string()),
    state: z.enum(['created', 'running', 'paused', 'restarting', 'removing', 'exited', 'dead']),
    mainPid: maybe(z.number()),
    startedAt: maybe(moment),
    restartCount: z.number(),
    network: z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('own'), networks: z.array(z.string()) }),
      z.object({ kind: z.literal('host') }),
      z.object({ kind: z.literal('none') }),
      z.object({ kind: z.literal('shared'), with: z.string() }),
    ]),
    limits: z.object({ ...limits, cpus: maybe(z.number()) }),
    runtime: z.string(),
    restartPolicy: z.string(),
  }),
);

/** Coverage as it crosses a border. */
export const coverageSchema = wholeSchema<Coverage>()(
  z.object({
    sensor: z.enum(sensorNames),
    sight: z.discriminatedUnion('state', [
      z.object({ state: z.literal('starting') }),
      z.object({
        state: z.literal('seeing'),
        limits: z.array(z.string()).optional(),
        unguarded: z.literal(true).optional(),
      }),
      z.object({
        state: z.literal('partly'),
        reason: z.string(),
        limits: z.array(z.string()).optional(),
      }),
      z.object({
        state: z.literal('blind'),
        reason: z.string(),
        lasting: z.literal(true).optional(),
      }),
      z.object({ state: z.literal('on-demand') }),
    ]),
    since: moment,
    dropped: z.number(),
  }),
);

/** Finding as it crosses a border. */
export const findingSchema = wholeSchema<Finding>()(
  z.object({
    id: z.string(),
    kind: z.enum(findingKinds),
    workload: z.string(),
    container: z.string(),
    status: z.enum(['open', 'closed']),
    severity: z.enum(severities),
    score: z.number(),
    onsetAt: moment,
    at: moment,
    sentence: z.string(),
    evidence: z.array(
      z.object({
        series: z.string(),
        unit: z.enum(evidenceUnits),
        observed: z.number(),
        expected: maybe(z.object({ low: z.number(), high: z.number() })),
        recent: z.array(z.object({ at: moment, value: z.number() })),
      }),
    ),
    technique: maybe(z.object({ id: z.string(), name: z.string() })),
  }),
);

/** What a rule asks for, as it crosses a border. */
export const plannedActionSchema = wholeSchema<PlannedAction>()(
  z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('notify') }),
    z.object({ kind: z.literal('pause') }),
    z.object({ kind: z.literal('kill') }),
    z.object({ kind: z.literal('stop'), graceSeconds: z.number() }),
    z.object({ kind: z.literal('limit'), ...limits, cpus: maybe(z.number()) }),
    z.object({ kind: z.literal('quarantine') }),
  ]),
);

/** Decision as it crosses a border. */
export const decisionSchema = wholeSchema<Decision>()(
  z.object({
    id: z.string(),
    rule: z.string(),
    finding: z.string(),
    workload: z.string(),
    container: z.string(),
    mode: z.enum(['observe', 'enforce']),
    actions: z.array(plannedActionSchema),
    heldSince: moment,
    at: moment,
    muted: z.literal(true).exactOptional(),
  }),
);

/** Action as it crosses a border. */
export const actionSchema = wholeSchema<Action>()(
  z.object({
    id: z.string(),
    name: z.enum(['notify', 'pause', 'kill', 'stop', 'limit', 'quarantine', 'resume', 'release']),
    workload: z.string(),
    container: z.string(),
    requester: z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('policy'), decision: z.string(), rule: z.string() }),
      z.object({ kind: z.literal('person') }),
      z.object({ kind: z.literal('upkeep'), reason: z.string() }),
    ]),
    startedAt: moment,
    finishedAt: maybe(moment),
    outcome: z.discriminatedUnion('state', [
      z.object({ state: z.literal('started') }),
      z.object({ state: z.literal('would-have') }),
      z.object({ state: z.literal('proved'), proof: z.string() }),
      z.object({ state: z.literal('partly'), proof: z.string(), holes: z.array(z.string()) }),
      z.object({ state: z.literal('refused'), reason: z.string() }),
      z.object({ state: z.literal('failed'), reason: z.string() }),
    ]),
  }),
);

/** Containment as it crosses a border. */
export const containmentSchema = wholeSchema<Containment>()(
  z.object({
    container: z.string(),
    workload: z.string(),
    name: z.string(),
    depth: z.enum(['frozen', 'quarantined', 'limited']),
    since: moment,
    undo: z.object({
      pausedBySentra: z.boolean(),
      networks: z.array(
        z.object({
          networkId: z.string(),
          networkName: z.string(),
          aliases: z.array(z.string()),
          links: z.array(z.string()).optional(),
          ipv4: maybe(z.string()),
          ipv6: maybe(z.string()),
          isAddressGiven: z.literal(true).optional(),
          addressCanReturn: z.boolean(),
        }),
      ),
      ports: z.record(z.string(), z.string()).optional(),
      restartPolicy: maybe(z.object({ name: z.string(), maximumRetryCount: z.number() })),
      limits: maybe(
        z.object({ ...limits, nanoCpus: maybe(z.number()), cpuQuota: z.number().optional() }),
      ),
      limitedTo: z
        .object({
          cpus: z.number().optional(),
          memoryBytes: z.number().optional(),
          memorySwapBytes: z.number().optional(),
          pids: z.number().optional(),
        })
        .optional(),
    }),
    holes: z.array(z.string()),
  }),
);
