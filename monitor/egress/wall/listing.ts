import { createHash } from 'node:crypto';
import { z } from 'zod';
import { failed, ok, type Result } from '../../runtime/result.ts';
import { tableName } from './wall-numbers.ts';

/** Packets and bytes to or from one address, protocol and port. */
export interface FlowCount {
  readonly address: string;
  readonly protocol: string;
  /** Undefined for protocols without ports. */
  readonly port: number | undefined;
  readonly packets: number;
  readonly bytes: number;
}

/** What the kernel says of a wall. */
export interface Listing {
  /** Over every table, chain, rule and fixed set, without what is counted; 64 hexadecimal digits. */
  readonly digest: string;
  /** The same without the second wall, which the kernel itself changes when an interface goes. */
  readonly innerDigest: string;
  readonly sent: readonly FlowCount[];
  readonly received: readonly FlowCount[];
  readonly refused: readonly FlowCount[];
  /** Packets by the wall's counters; missing ones are 0. */
  readonly counters: Readonly<Record<string, number>>;
}

const listingSchema = z.object({ nftables: z.array(z.record(z.string(), z.unknown())) });
const count = z.object({ packets: z.number(), bytes: z.number() });
const member = z.looseObject({ table: z.string() });
const counterSchema = z.looseObject({ name: z.string(), packets: z.number() });
const setSchema = z.looseObject({
  name: z.string(),
  flags: z.array(z.string()).default([]),
  elem: z.array(z.unknown()).default([]),
});
const elementSchema = z.object({
  elem: z.looseObject({
    val: z.object({ concat: z.array(z.union([z.string(), z.number()])) }),
    counter: count,
  }),
});

const protocolNumbers: ReadonlyMap<string, string> = new Map([
  ['1', 'icmp'],
  ['58', 'icmpv6'],
  ['ipv6-icmp', 'icmpv6'],
]);

/**
 * Understands `nft -j list ruleset`, of which only Sentra's tables count. Undefined when there is no
 * table of Sentra's; the failure is a sentence.
 */
export function readListing(text: string): Result<Listing | undefined, string> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return failed('nft did not answer in JSON.');
  }
  const parsed = listingSchema.safeParse(json);
  if (!parsed.success) return failed('nft answered with something that is no ruleset.');
  const fixed: string[] = [];
  const counters: Record<string, number> = {};
  const flows = new Map<string, FlowCount[]>();
  for (const item of parsed.data.nftables) {
    for (const [kind, value] of Object.entries(item)) {
      if (!isOurs(kind, value)) continue;
      const counter = counterSchema.safeParse(value);
      if (kind === 'counter' && counter.success) {
        counters[counter.data.name] = counter.data.packets;
      }
      const set = setSchema.safeParse(value);
      const isDynamic = kind === 'set' && set.success && set.data.flags.includes('timeout');
      if (isDynamic) flows.set(set.data.name, set.data.elem.flatMap(readFlow));
      fixed.push(fixedText(kind, value, isDynamic));
    }
  }
  if (fixed.length === 0) return ok(undefined);
  const of = (...names: readonly string[]) => names.flatMap((name) => flows.get(name) ?? []);
  return ok({
    // Rules keep their order, which decides; nft tells them in it, chain by chain.
    digest: digestOf(fixed),
    innerDigest: digestOf(fixed.filter((text) => !text.includes('"family":"netdev"'))),
    sent: of('sent4', 'sent6', 'sentother4', 'sentother6'),
    received: of('received4', 'received6'),
    refused: of('refused4', 'refused6', 'refusedother4', 'refusedother6'),
    counters,
  });
}

function digestOf(lines: readonly string[]): string {
  return createHash('sha256').update(lines.join('\n')).digest('hex');
}

function isOurs(kind: string, value: unknown): boolean {
  if (kind === 'table')
    return z.looseObject({ name: z.literal(tableName) }).safeParse(value).success;
  const parsed = member.safeParse(value);
  return parsed.success && parsed.data.table === tableName;
}

function readFlow(element: unknown): FlowCount[] {
  const parsed = elementSchema.safeParse(element);
  if (!parsed.success) return [];
  const { val, counter } = parsed.data.elem;
  const [address, protocol, port] = val.concat;
  if (typeof address !== 'string' || protocol === undefined) return [];
  const name = String(protocol);
  return [
    {
      address,
      protocol: protocolNumbers.get(name) ?? name,
      port: port === undefined ? undefined : Number(port),
      ...counter,
    },
  ];
}

/** The object without handles, counts and what comes and goes in it. */
function fixedText(kind: string, value: unknown, isDynamic: boolean): string {
  const text = JSON.stringify([kind, value], (key, inner: unknown) => {
    if (key === 'handle' || key === 'packets' || key === 'bytes') return undefined;
    if (key === 'elem' && isDynamic) return undefined;
    return inner;
  });
  return text;
}
