import { z } from 'zod';
import { egressRuleSchema } from './egress-schema.ts';
import type { PersonAction } from './service.ts';

/** Grows when a message changes its meaning; both sides must have the same. */
export const protocolVersion = 1;

/** What keeps one side from being hurt by the other. */
export const bounds = {
  /** Of one message from client to server, in bytes. */
  requestBytes: 64 * 1024,
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
} as const;

/** What a method does to the containers' freedom: a driver may ask for more before it loosens. */
export type Effect = 'reads' | 'tightens' | 'loosens';

const limit = z.number().int().min(1).max(1000);
const target = z.strictObject({ target: z.string().min(1).max(512) });

const egressRule = target.extend({ rule: egressRuleSchema.omit({ verdict: true }) });

/** Every method: what it does, and its parameters. */
export const methods = {
  snapshot: { effect: 'reads', params: z.strictObject({}) },
  findings: {
    effect: 'reads',
    params: z.strictObject({
      status: z.enum(['open', 'closed']).optional(),
      workload: z.string().max(4096).optional(),
      limit,
    }),
  },
  actions: { effect: 'reads', params: z.strictObject({ limit }) },
  subscribe: { effect: 'reads', params: z.strictObject({}) },
  unsubscribe: { effect: 'reads', params: z.strictObject({}) },
  pause: { effect: 'tightens', params: target },
  kill: { effect: 'tightens', params: target },
  quarantine: { effect: 'tightens', params: target },
  resume: { effect: 'loosens', params: target },
  release: { effect: 'loosens', params: target },
  egressList: { effect: 'reads', params: target },
  /** Makes attempts to get out from the container's network; changes nothing. */
  egressProve: { effect: 'reads', params: target },
  egressDeny: { effect: 'tightens', params: egressRule },
  egressAllow: { effect: 'loosens', params: egressRule },
  egressEnforce: { effect: 'tightens', params: target },
  egressObserve: { effect: 'loosens', params: target },
  egressOff: { effect: 'loosens', params: target },
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
