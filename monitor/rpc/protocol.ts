import { z } from 'zod';
import { findingKinds } from '../model/finding.ts';
import { selectionSchema } from './schema/selection-schema.ts';
import {
  egressProfileSchema,
  egressRuleSchema,
  egressSubjectSchema,
  mostEgressRules,
} from './schema/egress-schema.ts';
import { egressDoors } from './service/egress-service.ts';
import type { PersonAction } from './service/service.ts';
import { historySeries, resolutions } from './service/service-history.ts';

/** Grows when a message changes its meaning; both sides must have the same. */
export const protocolVersion = 4;

/** What keeps one side from being hurt by the other. */
export const bounds = {
  /** Of one message from client to server, in bytes. */
  requestBytes: 4 * 1024 * 1024,
  /** Of one message from server to client, in bytes. */
  replyBytes: 32 * 1024 * 1024,
  /** Requests of one client that are not answered yet. */
  pendingRequests: 32,
  /** Events held back for a client that reads slowly; readings are coalesced besides. */
  heldEvents: 1000,
  /** Bytes handed to the transport and not taken: from here on events are held back. */
  slowBytes: 1024 * 1024,
  /** Bytes handed to the transport and not taken: from here on the client is cut off. */
  deadBytes: 64 * 1024 * 1024,
  /** From connection to greeting, in milliseconds. */
  greetingMs: 5000,
  /** A client's wait for an answer, in milliseconds. Acting is retried and proved, hence longer. */
  callMs: 10_000,
  actMs: 90_000,
  /** A client's wait for a preview of a policy, in milliseconds. */
  previewMs: 60_000,
  /** A client's wait for the answer whether an engine is there, in milliseconds. */
  engineMs: 20_000,
  disarmMs: 600_000,
  /** Of a policy's text, in UTF-16 units. The reader has a bound of its own, in bytes. */
  policyLength: 256 * 1024,
  /** Of a file with an egress list, in UTF-16 units. */
  egressLength: 3 * 1024 * 1024,
} as const;

/** What a method does to the containers' freedom: a driver may ask for more before it loosens. */
export type Effect = 'reads' | 'tightens' | 'loosens';

const nothing = z.strictObject({});
const limit = z.int().min(1).max(1000);
const moment = z.number().min(0).max(8.64e15);
const workload = z.string().min(1).max(4096);
const finding = z.string().min(1).max(1024);
const kind = z.enum(findingKinds);
const text = z.string().max(bounds.policyLength);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const target = z.strictObject({ target: z.string().min(1).max(512) });
const ofContainer = z.strictObject({ container: z.string().regex(/^[0-9a-f]{64}$/) });
const ofFinding = z.strictObject({ finding });
/** One rule by its name; without it the whole policy. */
const ofRule = z.strictObject({ rule: z.string().min(1).max(1024).optional() });
const minute = 60_000;
const month = 30 * 24 * 60 * minute;

const alarmBudget = z.strictObject({ alarmsPerDay: z.number().min(0.01).max(100) });

const byDoor = z.strictObject({ from: z.enum(egressDoors).optional() });
const egressChange = target.extend(byDoor.shape);
const egressRule = egressChange.extend({ rule: egressRuleSchema.omit({ verdict: true }) });
const heldChoice = z.strictObject({ id: z.string().regex(/^[0-9a-f]{16}$/) }).extend(byDoor.shape);
const heldRuling = heldChoice.extend({ rule: egressRuleSchema.omit({ verdict: true }) });
const egressRules = z.array(egressRuleSchema).max(mostEgressRules);
const egressProfiles = z.array(z.string().min(1).max(40)).max(200);
const egressPast = target.extend({ hours: z.int().min(1).max(192) });

/** Every method: what it does, and its parameters. */
export const methods = {
  snapshot: { effect: 'reads', params: nothing },
  findings: {
    effect: 'reads',
    params: z.strictObject({
      status: z.enum(['open', 'closed']).optional(),
      workload: workload.optional(),
      limit,
    }),
  },
  actions: {
    effect: 'reads',
    params: z.strictObject({ workload: workload.optional(), since: moment.optional(), limit }),
  },
  subscribe: { effect: 'reads', params: nothing },
  unsubscribe: { effect: 'reads', params: nothing },
  pause: { effect: 'tightens', params: target },
  kill: { effect: 'tightens', params: target },
  quarantine: { effect: 'tightens', params: target },
  resume: { effect: 'loosens', params: target },
  release: { effect: 'loosens', params: target },
  egressList: { effect: 'reads', params: target },
  calls: { effect: 'reads', params: target },
  starts: { effect: 'reads', params: target },
  /** Makes attempts to get out from the container's network; changes nothing. */
  egressProve: { effect: 'reads', params: target },
  egressDeny: { effect: 'tightens', params: egressRule },
  egressAllow: { effect: 'loosens', params: egressRule },
  egressEnforce: { effect: 'tightens', params: egressChange },
  // Of enforce it is the looser one.
  egressAsk: { effect: 'loosens', params: egressChange },
  egressObserve: { effect: 'loosens', params: egressChange },
  egressOff: { effect: 'loosens', params: egressChange },
  // What is removed may be a denial, and of two lists nobody can tell which is the stricter one.
  egressRemove: {
    effect: 'loosens',
    params: egressChange.extend({ subject: egressSubjectSchema }),
  },
  egressSave: {
    effect: 'loosens',
    params: egressChange.extend({
      basedOn: z.string().max(64),
      profiles: egressProfiles,
      rules: egressRules,
    }),
  },
  egressPreset: {
    effect: 'loosens',
    params: egressChange.extend({ preset: z.string().min(1).max(40) }),
  },
  egressProfile: {
    effect: 'loosens',
    params: egressChange.extend({ profile: egressProfileSchema }),
  },
  egressImport: {
    effect: 'loosens',
    params: egressChange.extend({ text: z.string().max(bounds.egressLength) }),
  },
  egressUndo: {
    effect: 'loosens',
    params: egressChange.extend({ what: z.string().max(1024).optional() }),
  },
  egressHeld: { effect: 'reads', params: nothing },
  egressHeldAllow: { effect: 'loosens', params: heldRuling },
  egressHeldDeny: { effect: 'tightens', params: heldRuling },
  egressHeldRefuse: { effect: 'tightens', params: heldChoice },
  egressHeldDefer: { effect: 'tightens', params: heldChoice },
  egressLockdown: { effect: 'tightens', params: byDoor },
  // What would have been evidence goes.
  egressErase: {
    effect: 'loosens',
    params: z.strictObject({ target: z.string().min(1).max(4096).optional() }),
  },
  egressLift: { effect: 'loosens', params: byDoor },
  egressPresets: { effect: 'reads', params: nothing },
  egressExport: { effect: 'reads', params: target },
  egressSeen: { effect: 'reads', params: egressPast },
  egressCheck: {
    effect: 'reads',
    params: target.extend({ profiles: egressProfiles, rules: egressRules }),
  },
  egressLearn: { effect: 'reads', params: egressPast },
  history: {
    effect: 'reads',
    params: z
      .strictObject({
        workload,
        from: moment,
        to: moment,
        resolution: z.enum(resolutions),
        series: z.array(z.enum(historySeries)).min(1).max(historySeries.length),
      })
      .refine(({ from, to }) => from < to, 'from must lie before to')
      .refine(({ series }) => new Set(series).size === series.length, 'each series once'),
  },
  timeline: {
    effect: 'reads',
    params: z.strictObject({ workload, since: moment.optional(), limit }),
  },
  decisions: {
    effect: 'reads',
    params: z.strictObject({ finding: finding.optional(), workload: workload.optional(), limit }),
  },
  containerFacts: { effect: 'reads', params: ofContainer },
  processes: { effect: 'reads', params: ofContainer },
  // What is acknowledged is learned as normal, so that less is found.
  acknowledge: { effect: 'loosens', params: ofFinding },
  unacknowledge: { effect: 'tightens', params: ofFinding },
  // It counts against the budget, so that less is told.
  markFalse: { effect: 'loosens', params: ofFinding },
  unmarkFalse: { effect: 'tightens', params: ofFinding },
  mute: {
    effect: 'loosens',
    params: z.strictObject({ workload, kind, forMs: z.int().min(minute).max(month) }),
  },
  unmute: { effect: 'tightens', params: z.strictObject({ workload, kind }) },
  policyText: { effect: 'reads', params: nothing },
  checkPolicy: { effect: 'reads', params: z.strictObject({ text }) },
  // Nobody can tell whether another text is the stricter one.
  savePolicy: {
    effect: 'loosens',
    params: z.strictObject({ text, basedOn: sha256.nullable().optional() }),
  },
  policyVersion: { effect: 'reads', params: z.strictObject({ hash: sha256 }) },
  previewProgress: { effect: 'reads', params: nothing },
  cancelPreview: { effect: 'reads', params: nothing },
  previewPolicy: {
    effect: 'reads',
    params: z
      .strictObject({ text, from: moment, to: moment })
      .refine(({ from, to }) => from < to, 'from must lie before to'),
  },
  /** The two halves of `setRuleMode`. */
  enforce: { effect: 'tightens', params: ofRule },
  observe: { effect: 'loosens', params: ofRule },
  alarms: { effect: 'reads', params: nothing },
  /** The two halves of `setAlarmBudget`: who bears fewer false alarms is told less. */
  raiseAlarmBudget: { effect: 'tightens', params: alarmBudget },
  lowerAlarmBudget: { effect: 'loosens', params: alarmBudget },
  settings: { effect: 'reads', params: nothing },
  // Less may be kept: what would have been evidence goes.
  setRetention: {
    effect: 'loosens',
    params: z.strictObject({ days: z.int().min(1).max(3650), megabytes: z.int().min(16).max(900) }),
  },
  // What is left out is not guarded.
  setSelection: { effect: 'loosens', params: selectionSchema },
  disarmList: { effect: 'reads', params: nothing },
  disarm: { effect: 'loosens', params: nothing },
  tryEngine: { effect: 'reads', params: z.strictObject({ endpoint: z.string().min(1).max(4096) }) },
} as const satisfies Record<string, { effect: Effect; params: z.ZodType }> &
  Record<PersonAction, unknown>;

export type MethodName = keyof typeof methods;

export type MethodParams<Name extends MethodName> = z.input<(typeof methods)[Name]['params']>;

/** What a client sends. */
export const requestSchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('hello'),
    protocol: z.number().int(),
    program: z.string().max(100),
  }),
  z.strictObject({
    type: z.literal('call'),
    id: z.number().int().min(0),
    method: z.string().max(100),
    params: z.unknown(),
  }),
]);

export type Request = z.infer<typeof requestSchema>;

/** Why a call has no value. */
export const callErrorSchema = z.object({
  kind: z.enum([
    /** The method is not known. */
    'unknown-method',
    /** The parameters are not what the method takes. */
    'bad-params',
    /** Too many calls are waiting already. */
    'busy',
    /** The monitor failed while it answered: a bug of Sentra. */
    'internal',
  ]),
  message: z.string(),
});

/** What a server sends. */
export const messageSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('welcome'),
    protocol: z.number().int(),
    program: z.string(),
    engineId: z.string(),
  }),
  /** The last message: the server closes after it. */
  z.object({ type: z.literal('farewell'), reason: z.string() }),
  z.object({
    type: z.literal('reply'),
    id: z.number().int(),
    ok: z.literal(true),
    value: z.unknown(),
  }),
  z.object({
    type: z.literal('failure'),
    id: z.number().int(),
    ok: z.literal(false),
    error: callErrorSchema,
  }),
  z.object({ type: z.literal('event'), event: z.unknown() }),
  /** So many events were left out, because the client reads too slowly. */
  z.object({ type: z.literal('lost'), count: z.number().int().min(1) }),
]);

export type Message = z.infer<typeof messageSchema>;

export type CallFailure = z.infer<typeof callErrorSchema>;
