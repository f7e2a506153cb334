import { z } from 'zod';
import {
  egressModes,
  egressSpans,
  refusedKinds,
  type EgressLockdown,
  type SeenKind,
  type SeenName,
  type SeenDestination,
  type WrittenEgressProfile,
  type WrittenEgressRule,
} from '../../model/egress.ts';
import type { EgressObservation } from '../../model/observation.ts';
import { answerSchema } from './answer-schema.ts';
import type {
  EgressCatalogue,
  EgressCheck,
  EgressLesson,
  EgressSeen,
  EgressView,
} from '../service/egress-service.ts';
import { coverageSchema, maybe } from './model-schema.ts';
import type { EraseReport, LockdownReport } from '../service/service-egress.ts';
import type { ActRefusal } from '../service/service.ts';
import { wholeSchema } from './whole-schema.ts';

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

const seenDestination: z.ZodType<SeenDestination> = destination.extend({
  looks: z.number(),
  firstSeenAt: z.number(),
  lastSeenAt: z.number(),
});

/** Why nothing was done, as it crosses a border. */
export const refusalSchema: z.ZodType<ActRefusal> = z.object({
  kind: z.enum(['unknown-target', 'ambiguous-target', 'not-possible']),
  message: z.string(),
  advice: z.string(),
  candidates: z.array(z.object({ container: z.string(), name: z.string() })),
});

const askedName = z.object({
  name: z.string(),
  refused: z.boolean(),
  held: z.literal(true).optional(),
  count: z.number(),
  answered: z.number().optional(),
});

const refusedKind = z.object({ kind: z.enum(refusedKinds), packets: z.number() });

const seenKind: z.ZodType<SeenKind> = refusedKind.extend({
  firstSeenAt: z.number(),
  lastSeenAt: z.number(),
});

const seenName: z.ZodType<SeenName> = z.object({
  name: z.string(),
  asked: z.number(),
  answered: z.number(),
  refused: z.number(),
  held: z.number(),
  firstSeenAt: z.number(),
  lastSeenAt: z.number(),
});

/** What was seen of a container's egress, as it crosses a border. */
export const egressObservationSchema = z.object({
  at: z.number(),
  workload: z.string(),
  container: z.string(),
  kind: z.literal('egress'),
  mode: z.enum(['observe', 'enforce']),
  image: z.string().optional(),
  destinations: z.array(destination),
  names: z.array(askedName),
  refusedKinds: z.array(refusedKind).optional(),
  omitted: z.number(),
  omittedNames: z.number().optional(),
  lostEntries: z.number().optional(),
  breach: maybe(z.string()),
}) satisfies z.ZodType<EgressObservation>;

const moment = z.number().min(0).max(8.64e15);

/** Which traffic a rule is about, as it crosses a border. */
export const egressSubjectSchema = z.strictObject({
  target: z.string().min(1).max(1000),
  protocol: z.enum(['tcp', 'udp']).optional(),
  port: z.number().int().min(1).max(65_535).optional(),
});

/** A rule as it crosses a border; what it means is checked by the monitor. */
export const egressRuleSchema = egressSubjectSchema.extend({
  verdict: z.enum(['allow', 'deny']),
  local: z.boolean().optional(),
  lifetime: z
    .union([
      z.enum(egressSpans),
      z.strictObject({ kind: z.literal('once'), since: moment, usedAt: moment.optional() }),
      z.strictObject({ kind: z.literal('until'), at: moment }),
      z.strictObject({
        kind: z.literal('container'),
        container: z.string().max(64),
        startedAt: moment.optional(),
      }),
      z.strictObject({ kind: z.literal('image'), image: z.string().max(200) }),
    ])
    .optional(),
  note: z.string().max(500).optional(),
  by: z.string().max(100).optional(),
  at: moment.optional(),
}) satisfies z.ZodType<WrittenEgressRule>;

/** As in the monitor's lists. */
export const mostEgressRules = 20_000;

/** A profile as it crosses a border. */
export const egressProfileSchema = z.strictObject({
  name: z.string().min(1).max(40),
  note: z.string().max(500).optional(),
  rules: z.array(egressRuleSchema).max(mostEgressRules),
}) satisfies z.ZodType<WrittenEgressProfile>;

const viewSchema = wholeSchema<EgressView>()(
  z.object({
    container: z.string(),
    name: z.string(),
    workload: z.string(),
    mode: z.enum(egressModes),
    version: z.string(),
    rules: z.array(egressRuleSchema),
    uses: z.array(z.object({ count: z.number(), lastAt: maybe(z.number()), isIdle: z.boolean() })),
    profiles: z.array(egressProfileSchema),
    undo: maybe(z.string()),
    coverage: maybe(coverageSchema),
    destinations: z.array(destination),
    names: z.array(askedName),
    probes: z.array(
      z.object({
        what: z.string(),
        outcome: z.enum(['as-it-should', 'wrong', 'not-proved', 'not-tried']),
        detail: z.string(),
      }),
    ),
    notice: maybe(z.string()),
  }),
);

/** What the methods that change or show a list answer, as it crosses a border. */
export const egressAnswerSchema = answerSchema<EgressView, ActRefusal>(viewSchema, refusalSchema);

/** What the other methods about egress answer. */
export const egressCatalogueSchema: z.ZodType<EgressCatalogue> = z.object({
  presets: z.array(egressProfileSchema),
  profiles: z.array(egressProfileSchema),
});

export const egressExportSchema = answerSchema<{ readonly text: string }, ActRefusal>(
  z.object({ text: z.string() }),
  refusalSchema,
);

export const egressSeenSchema = answerSchema<EgressSeen, ActRefusal>(
  z.object({
    since: z.number(),
    destinations: z.array(seenDestination),
    names: z.array(seenName),
    kinds: z.array(seenKind),
  }),
  refusalSchema,
);

export const egressCheckSchema = answerSchema<EgressCheck, ActRefusal>(
  z.object({
    problems: z.array(z.object({ index: maybe(z.number()), message: z.string() })),
    remarks: z.array(z.object({ index: z.number(), message: z.string() })),
    preview: maybe(
      z.object({
        since: z.number(),
        destinations: z.number(),
        wouldRefuse: z.array(seenDestination),
        wouldRefuseCount: z.number(),
        unnamed: z.number(),
        wouldAllowCount: z.number(),
        stillRefused: z.array(seenName),
        stillRefusedCount: z.number(),
      }),
    ),
  }),
  refusalSchema,
);

export const egressLessonSchema = answerSchema<EgressLesson, ActRefusal>(
  z.object({
    since: z.number(),
    proposals: z.array(
      z.object({
        rule: egressRuleSchema,
        ground: z.string(),
        looks: z.number(),
        bytes: z.number(),
      }),
    ),
    leftOut: z.array(z.string()),
  }),
  refusalSchema,
);

/** As it crosses a border. */
export const lockdownSchema: z.ZodType<EgressLockdown> = z.object({
  since: z.number(),
  by: z.string(),
});

export const lockdownAnswerSchema = answerSchema<LockdownReport, ActRefusal>(
  z.object({
    lockdown: maybe(lockdownSchema),
    closed: z.number(),
    notClosed: z.array(z.object({ container: z.string(), name: z.string(), reason: z.string() })),
    warning: maybe(z.string()),
  }),
  refusalSchema,
);

export const eraseAnswerSchema = answerSchema<EraseReport, ActRefusal>(
  z.object({ rows: z.number() }),
  refusalSchema,
);
