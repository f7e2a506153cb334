import * as z from 'zod';
import { failed, ok, type Result } from '../runtime/result.ts';
import { helperBodySchema, helperNetworkSchema } from './helper-shape.ts';

/** A call that may be sent. */
export interface PermittedCall {
  /** For messages: `pause`, `container stats`. */
  readonly name: string;
  /** The most the call may take, in milliseconds. For a stream: until its headers are there. */
  readonly timeoutMs: number;
  /** Whether the call changes something; such calls never wait behind others. */
  readonly changes: boolean;
}

interface Rule {
  readonly name: string;
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Of the path after the version. Groups match nothing that could be decoded to something else. */
  readonly path: RegExp;
  /** Permitted parameters as they stand in the target, undecoded. */
  readonly query: Readonly<Record<string, RegExp>>;
  /** Parameters that must be there. */
  readonly required: readonly string[];
  /** `archive`: an image, as bytes. */
  readonly body: z.ZodType | 'archive' | undefined;
  readonly timeoutMs: number;
}

/** The one set of event filters that is ever asked for. */
export const eventFilters = { type: ['container', 'network', 'daemon'] } as const;

const container = '/containers/[0-9a-f]{64}';
// The engine's own bridge is known by its name: it has another id after each start of the engine.
const network = '/networks/(?:[0-9a-f]{64}|bridge)';
// The helper is known by its name, so that no call that makes, starts or removes meets another.
const helper = '/containers/sentra-helper';
const helperNetwork = '/networks/sentra-helper';
const helperImage = '/images/sentra-helper:[0-9a-f]{12}';
/** The longest image that is handed over, bytes. */
const mostArchive = 64 * 1024 * 1024;
const yesOrNo = /^(?:true|false|1|0)$/;
const encodedFilters = new RegExp(
  `^${encodeURIComponent(JSON.stringify(eventFilters)).replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`,
);

const containerId = z.string().regex(/^[0-9a-f]{64}$/);
const amount = z.int().nonnegative();

const updateBody = z
  .strictObject({
    RestartPolicy: z.strictObject({
      Name: z.enum(['', 'no', 'always', 'on-failure', 'unless-stopped']),
      MaximumRetryCount: amount,
    }),
    Memory: amount,
    MemorySwap: z.int().min(-1),
    NanoCpus: amount,
    CpuQuota: amount,
    PidsLimit: z.int().min(-1),
  })
  .partial()
  .refine((body) => Object.keys(body).length > 0);

const connectBody = z.strictObject({
  Container: containerId,
  EndpointConfig: z.strictObject({
    Aliases: z.array(z.string().max(255)).max(64),
    Links: z.array(z.string().max(511)).max(64).optional(),
    IPAMConfig: z
      .strictObject({ IPv4Address: z.ipv4(), IPv6Address: z.ipv6() })
      .partial()
      .optional(),
  }),
});

const disconnectBody = z.strictObject({ Container: containerId, Force: z.boolean() });

function get(name: string, path: string, query: Rule['query'] = {}, timeoutMs = 10_000): Rule {
  const pattern = new RegExp(`^${path}$`);
  return { name, method: 'GET', path: pattern, query, required: [], body: undefined, timeoutMs };
}

function post(
  name: string,
  path: string,
  body: Rule['body'],
  query: Rule['query'] = {},
  timeoutMs = 10_000,
): Rule {
  const pattern = new RegExp(`^${path}$`);
  const required = Object.keys(query);
  return { name, method: 'POST', path: pattern, query, required, body, timeoutMs };
}

function remove(name: string, path: string, query: Rule['query'] = {}): Rule {
  return { ...post(name, path, undefined, query, 30_000), method: 'DELETE' };
}

const rules: readonly Rule[] = [
  get('ping', '/_ping', {}, 5000),
  get('version', '/version'),
  get('info', '/info'),
  // Asked every few seconds, it is also how a stalled engine is found out.
  get('list of containers', '/containers/json', { all: yesOrNo }, 5000),
  get('inspect', `${container}/json`),
  get('stats', `${container}/stats`, { stream: yesOrNo, 'one-shot': yesOrNo }),
  get('top', `${container}/top`),
  get('events', '/events', { since: /^\d{1,11}\.\d{9}$/, filters: encodedFilters }),
  get('network', network),
  post('pause', `${container}/pause`, undefined, {}, 5000),
  post('unpause', `${container}/unpause`, undefined, {}, 5000),
  post('kill', `${container}/kill`, undefined, { signal: /^SIGKILL$/ }, 5000),
  post('stop', `${container}/stop`, undefined, { t: /^\d{1,4}$/ }),
  post('update', `${container}/update`, updateBody),
  post('connect', `${network}/connect`, connectBody),
  post('disconnect', `${network}/disconnect`, disconnectBody),
  get('image of the helper', `${helperImage}/json`),
  post('load of the helper', '/images/load', 'archive', { quiet: /^1$/ }, 120_000),
  get('helper', `${helper}/json`),
  post('create the helper', '/containers/create', helperBodySchema, { name: /^sentra-helper$/ }),
  post('start the helper', `${helper}/start`, undefined, {}, 30_000),
  // Its standard input alone, for the key; nothing is read from it.
  post('attach to the helper', `${helper}/attach`, undefined, { stream: /^1$/, stdin: /^1$/ }),
  post('end the helper', `${helper}/kill`, undefined, { signal: /^SIGKILL$/ }, 5000),
  remove('remove the helper', helper, { force: /^1$/ }),
  get("the helper's network", helperNetwork),
  post("create the helper's network", '/networks/create', helperNetworkSchema),
  remove("remove the helper's network", helperNetwork),
  remove("remove the helper's image", helperImage),
];

/**
 * Whether the request as it is about to be written to the wire may be sent: `method`, the request
 * target (path with query, undecoded, with or without a version in front) and the body, an image's
 * bytes or text.
 * The failure says why not.
 */
export function permit(
  method: string,
  target: string,
  body: string | Uint8Array | undefined,
): Result<PermittedCall, string> {
  const mark = target.indexOf('?');
  const path = (mark < 0 ? target : target.slice(0, mark)).replace(/^\/v1\.\d{2}(?=\/)/, '');
  const rule = rules.find((each) => each.method === method && each.path.test(path));
  if (rule === undefined) return failed('no such call is on its list');
  const query = readQuery(mark < 0 ? '' : target.slice(mark + 1), rule);
  if (!query.ok) return query;
  const refusal = refuseBody(body, rule.body);
  if (refusal !== undefined) return failed(refusal);
  const grace = Number(query.value.get('t') ?? 0) * 1000;
  return ok({
    name: rule.name,
    timeoutMs: rule.timeoutMs + grace,
    changes: rule.method !== 'GET',
  });
}

function readQuery(text: string, rule: Rule): Result<ReadonlyMap<string, string>, string> {
  const seen = new Map<string, string>();
  for (const pair of text === '' ? [] : text.split('&')) {
    const equals = pair.indexOf('=');
    const name = pair.slice(0, Math.max(0, equals));
    const value = pair.slice(equals + 1);
    const pattern = Object.hasOwn(rule.query, name) ? rule.query[name] : undefined;
    if (pattern?.test(value) !== true || seen.has(name)) {
      return failed('a parameter of the call is not on its list');
    }
    seen.set(name, value);
  }
  for (const name of rule.required) {
    if (!seen.has(name)) return failed(`the parameter ${name} is missing`);
  }
  return ok(seen);
}

function refuseBody(
  body: string | Uint8Array | undefined,
  schema: Rule['body'],
): string | undefined {
  if (schema === undefined) return body === undefined ? undefined : 'the call takes no body';
  if (schema === 'archive') {
    const isOne = body instanceof Uint8Array && body.length <= mostArchive;
    return isOne ? undefined : 'the call takes an image of 64 MiB at most';
  }
  if (typeof body === 'object') return 'the call takes no bytes';
  if (body === undefined) return 'the call lacks its body';
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    return 'its body is not JSON';
  }
  // The engine must read what was checked here: no repeated names, no odd spellings of numbers.
  if (JSON.stringify(parsed) !== body) return 'its body is not in the plain form';
  return schema.safeParse(parsed).success ? undefined : 'its body has members not on its list';
}
