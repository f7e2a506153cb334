import { isIPv4, isIPv6 } from 'node:net';
import { z } from 'zod';
import type { WrittenEgressRule } from '../model/egress.ts';
import { failed, ok, type Result } from '../runtime/result.ts';
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
}

/** A rule as it is written, checked in its form alone: see `readRule`. */
export const writtenRuleSchema: z.ZodType<WrittenEgressRule> = z.strictObject({
  verdict: z.enum(['allow', 'deny']),
  target: z.string().min(1).max(1000),
  protocol: z.enum(protocols).optional(),
  port: z.number().int().min(1).max(65_535).optional(),
  local: z.boolean().optional(),
});

/** Understands a written rule; the failure is a sentence. */
export function readRule(written: WrittenEgressRule): Result<EgressRule, string> {
  const target = readTarget(written.target);
  if (!target.ok) return target;
  const { verdict, protocol, port, local = false } = written;
  if (local && target.value.kind === 'range') {
    return failed('"local" is for names: an address range says by itself where it lies.');
  }
  const isNarrow = protocol !== undefined || port !== undefined;
  if (verdict === 'deny' && target.value.kind === 'name' && isNarrow) {
    return failed(`A name is denied as a whole: leave out port and protocol of ${written.target}.`);
  }
  return ok({ verdict, target: target.value, protocol, port, local });
}

/** The rule as it is shown and stored. */
export function writeRule({
  verdict,
  target,
  protocol,
  port,
  local,
}: EgressRule): WrittenEgressRule {
  return {
    verdict,
    target: targetText(target),
    ...(protocol === undefined ? {} : { protocol }),
    ...(port === undefined ? {} : { port }),
    ...(local ? { local } : {}),
  };
}

/** `*.example.com`, `10.0.0.0/8`. */
export function targetText(target: RuleTarget): string {
  if (target.kind === 'range') return target.range;
  return target.below ? `*.${target.name}` : target.name;
}

function readTarget(text: string): Result<RuleTarget, string> {
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

function rangeOf(family: 4 | 6, address: string, length: number): Result<RuleTarget, string> {
  // The URL parser knows the one short spelling of an IPv6 address (RFC 5952).
  const plain = family === 4 ? address : new URL(`http://[${address}]/`).hostname.slice(1, -1);
  return ok({ kind: 'range', family, range: `${plain}/${length}` });
}
