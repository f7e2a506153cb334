import { isIPv4, isIPv6 } from 'node:net';
import { z } from 'zod';
import {
  egressSpans,
  type EgressLifetime,
  type EgressRuleSubject,
  type EgressSpan,
  type WrittenEgressRule,
} from '../../model/egress.ts';
import { failed, ok, type Result } from '../../runtime/result.ts';
import { addressText, addressValue } from './address.ts';
import { normaliseName } from './host-name.ts';
import { protocols, type TrafficClass } from './traffic-class.ts';

/** Where a rule points. */
export type RuleTarget =
  /** `name` itself or, with `below`, every name under it and not `name`. In punycode, lower case. */
  | { readonly kind: 'name'; readonly name: string; readonly below: boolean }
  /** In CIDR notation. */
  | { readonly kind: 'range'; readonly family: 4 | 6; readonly range: string };

/** One line of a list: whether this traffic may leave. */
export interface EgressRule extends TrafficClass {
  readonly verdict: 'allow' | 'deny';
  readonly target: RuleTarget;
  /** Whether the name may lead to private addresses; other names that do are answered as unknown. */
  readonly local: boolean;
  /** Undefined is for ever. */
  readonly lifetime?: EgressLifetime | undefined;
  /** Untrusted text in one line, as are the next. */
  readonly note?: string | undefined;
  readonly by?: string | undefined;
  readonly at?: number | undefined;
}

/** Ties a wish about a rule's lifetime to what ends it; the failure is a sentence. */
export type BindLifetime = (span: EgressSpan) => Result<EgressLifetime | undefined, string>;

const moment = z.number().min(0).max(8.64e15);

const lifetimeSchema = z.union([
  z.enum(egressSpans),
  z.strictObject({ kind: z.literal('once'), since: moment, usedAt: moment.optional() }),
  z.strictObject({ kind: z.literal('until'), at: moment }),
  z.strictObject({
    kind: z.literal('container'),
    container: z.string().regex(/^[0-9a-f]{64}$/),
    startedAt: moment.optional(),
  }),
  z.strictObject({ kind: z.literal('image'), image: z.string().min(1).max(200) }),
]);

/** A rule as it is written, checked in its form alone: see `readRule`. */
export const writtenRuleSchema: z.ZodType<WrittenEgressRule> = z.strictObject({
  verdict: z.enum(['allow', 'deny']),
  target: z.string().min(1).max(1000),
  protocol: z.enum(protocols).optional(),
  port: z.number().int().min(1).max(65_535).optional(),
  local: z.boolean().optional(),
  lifetime: lifetimeSchema.optional(),
  note: z.string().max(500).optional(),
  by: z.string().max(100).optional(),
  at: moment.optional(),
});

/** In a file a lifetime is tied already. */
const bindNothing: BindLifetime = (span) =>
  span === 'forever'
    ? ok(undefined)
    : failed(`"${span}" is a wish: only a monitor can tie it to a time, a container or an image.`);

/** Understands a written rule; the failure is a sentence. */
export function readRule(
  written: WrittenEgressRule,
  bind: BindLifetime = bindNothing,
): Result<EgressRule, string> {
  const target = readTarget(written.target);
  if (!target.ok) return target;
  const { verdict, protocol, port, local = false, note, by, at } = written;
  if (local && target.value.kind === 'range') {
    return failed('"local" is for names: an address range says by itself where it lies.');
  }
  const isNarrow = protocol !== undefined || port !== undefined;
  if (verdict === 'deny' && target.value.kind === 'name' && isNarrow) {
    return failed(`A name is denied as a whole: leave out port and protocol of ${written.target}.`);
  }
  for (const [what, text] of [
    ['note', note],
    ['name of who put it in', by],
  ] as const) {
    if (text !== undefined && unseen.test(text)) {
      return failed(`The ${what} holds line breaks, control characters or turns of direction.`);
    }
  }
  const lifetime =
    typeof written.lifetime === 'string' ? bind(written.lifetime) : ok(written.lifetime);
  if (!lifetime.ok) return lifetime;
  return ok({
    verdict,
    target: target.value,
    protocol,
    port,
    local,
    ...given({ lifetime: lifetime.value, note: note === '' ? undefined : note, by, at }),
  });
}

/** Control characters, and what turns the direction of a text. */
const unseen = /[\p{Cc}\u202a-\u202e\u2066-\u2069]/u;

/** Rules never change, and lists are long: each is written once. */
const written = new WeakMap<EgressRule, WrittenEgressRule>();

/** The rule as it is shown and stored. */
export function writeRule(rule: EgressRule): WrittenEgressRule {
  const known = written.get(rule);
  if (known !== undefined) return known;
  const fresh = writeAnew(rule);
  written.set(rule, fresh);
  return fresh;
}

function writeAnew(rule: EgressRule): WrittenEgressRule {
  const { verdict, target, protocol, port, local, lifetime, note, by, at } = rule;
  return {
    verdict,
    target: targetText(target),
    ...given({ protocol, port, local: local ? true : undefined, lifetime, note, by, at }),
  };
}

/** What traffic the rule is about, as one text; two rules with the same are about the same. */
export function subjectKey({ target, protocol, port }: EgressRuleSubject): string {
  return `${target} ${protocol ?? 'any'} ${port ?? 'any'}`;
}

/** The subject of an understood rule: see `subjectKey`. */
export function ruleKey(rule: EgressRule): string {
  const { target, protocol, port } = rule;
  return subjectKey({ target: targetText(target), protocol, port });
}

/** The members that are not undefined. */
function given<Members extends object>(
  members: Members,
): { [Name in keyof Members]?: Exclude<Members[Name], undefined> } {
  const kept: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(members)) if (value !== undefined) kept[name] = value;
  return kept as { [Name in keyof Members]?: Exclude<Members[Name], undefined> };
}

/** `*.example.com`, `10.0.0.0/8`. */
export function targetText(target: RuleTarget): string {
  if (target.kind === 'range') return target.range;
  return target.below ? `*.${target.name}` : target.name;
}

/** `1 rule`, `2 rules`. */
export function rulesInWords(count: number): string {
  return `${count} ${count === 1 ? 'rule' : 'rules'}`;
}

/** Understands where a rule points; the failure is a sentence. */
export function readTarget(text: string): Result<RuleTarget, string> {
  const [address = '', prefix, ...more] = text.split('/');
  const family = isIPv4(address) ? 4 : isIPv6(address) && !address.includes('%') ? 6 : undefined;
  if (family !== undefined && more.length === 0) {
    const bits = family === 4 ? 32 : 128;
    if (prefix === undefined) return rangeOf(family, address, bits);
    const length = /^\d{1,3}$/.test(prefix) ? Number(prefix) : undefined;
    if (length !== undefined && length <= bits) return rangeOf(family, address, length);
    return failed(`${JSON.stringify(text)} is no range: its prefix goes from 0 to ${bits}.`);
  }
  const below = text.startsWith('*.');
  const name = normaliseName(below ? text.slice(2) : text);
  return name.ok ? ok({ kind: 'name', name: name.value, below }) : name;
}

/**
 * The range in its one spelling: without the bits that its prefix does not cover. An IPv4 address in the
 * form of IPv6 is that IPv4 address, for as that it is sent (RFC 4291, section 2.5.5.2).
 */
function rangeOf(family: 4 | 6, address: string, length: number): Result<RuleTarget, string> {
  const value = addressValue(address)?.value ?? 0n;
  if (family === 6 && length >= 96 && value >> 32n === 0xffffn) {
    return ok({ kind: 'range', family: 4, range: rangeText(4, value & 0xffffffffn, length - 96) });
  }
  return ok({ kind: 'range', family, range: rangeText(family, value, length) });
}

function rangeText(family: 4 | 6, value: bigint, length: number): string {
  const spare = BigInt((family === 4 ? 32 : 128) - length);
  return `${addressText({ family, value: (value >> spare) << spare })}/${length}`;
}
