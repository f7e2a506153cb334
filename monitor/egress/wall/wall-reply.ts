import * as z from 'zod';
import { failed, ok, type Result } from '../../runtime/result.ts';
import type { SetElement } from '../carrier/carrier.ts';
import type { FlowCount, Listing } from './listing.ts';

/** One end of a link in a network namespace. */
export interface NetworkLink {
  readonly index: number;
  readonly name: string;
  /** Index of the other end, in whatever namespace that is; 0 for none. */
  readonly peer: number;
  /** Index of the bridge that it is a port of; 0 for none. */
  readonly master: number;
}

/** What a wall says, and who is in its sets, apart from what it counts. */
export interface WallRules {
  readonly digest: string;
  readonly innerDigest: string;
  readonly elements: readonly SetElement[];
}

/** One reply of the wall reader. */
export interface WallReply {
  /** Goes up with each change of the rules in the namespace. */
  readonly generation: number;
  /** All tables there, each with its family: `inet sentra`. */
  readonly tables: readonly string[];
  readonly links: readonly NetworkLink[];
  readonly counters: Readonly<Record<string, number>>;
  readonly flows: ReadonlyMap<string, readonly FlowCount[]>;
  /** Undefined where there is no wall, and where the generation is the one that was known. */
  readonly rules: WallRules | undefined;
}

const natural = z.number().int().nonnegative();
const text = z.string().max(1000);
const digest = z.string().regex(/^[0-9a-f]{64}$/);

const replySchema = z.union([
  z.object({ error: text }),
  z.object({
    generation: natural,
    tables: z.array(text),
    links: z.array(z.tuple([natural, text, natural, natural])),
    counters: z.array(z.tuple([text, natural])).default([]),
    flows: z
      .array(z.tuple([text, text, natural, natural.nullable(), natural, natural]))
      .default([]),
    digest: digest.optional(),
    inner: digest.optional(),
    elements: z.array(z.tuple([text, text, natural.nullable()])).default([]),
  }),
]);

/** As IANA numbers them. */
const protocols: ReadonlyMap<number, string> = new Map([
  [1, 'icmp'],
  [6, 'tcp'],
  [17, 'udp'],
  [47, 'gre'],
  [50, 'esp'],
  [58, 'icmpv6'],
  [132, 'sctp'],
]);

/** Understands one line of the wall reader; the failure is a sentence. */
export function readWallReply(line: string): Result<WallReply, string> {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch {
    return failed('The wall reader did not answer in JSON.');
  }
  const parsed = replySchema.safeParse(json);
  if (!parsed.success) return failed('The wall reader’s answer was not understood.');
  const reply = parsed.data;
  if ('error' in reply) return failed(`The wall cannot be read: ${reply.error}.`);
  const flows = new Map<string, FlowCount[]>();
  for (const [set, address, number, port, packets, bytes] of reply.flows) {
    const protocol = protocols.get(number) ?? String(number);
    const flow = { address, protocol, port: port ?? undefined, packets, bytes };
    const known = flows.get(set);
    if (known === undefined) flows.set(set, [flow]);
    else known.push(flow);
  }
  return ok({
    generation: reply.generation,
    tables: reply.tables,
    links: reply.links.map(([index, name, peer, master]) => ({ index, name, peer, master })),
    counters: Object.fromEntries(reply.counters),
    flows,
    rules:
      reply.digest === undefined || reply.inner === undefined
        ? undefined
        : {
            digest: reply.digest,
            innerDigest: reply.inner,
            elements: reply.elements.map(([set, address, seconds]) => ({
              set,
              address,
              seconds: seconds ?? undefined,
            })),
          },
  });
}

/** The wall around a container; undefined where there is none. */
export function listingOf({ rules, tables, flows, counters }: WallReply): Listing | undefined {
  if (rules === undefined || !tables.some((table) => ownTables.has(table))) return undefined;
  const of = (...names: readonly string[]) => names.flatMap((name) => flows.get(name) ?? []);
  return {
    digest: rules.digest,
    innerDigest: rules.innerDigest,
    sent: of('sent4', 'sent6', 'sentother4', 'sentother6'),
    received: of('received4', 'received6'),
    refused: of('refused4', 'refused6', 'refusedother4', 'refusedother6'),
    counters,
  };
}

const ownTables: ReadonlySet<string> = new Set(['inet sentra', 'netdev sentra']);

/** The tables of others, sorted. */
export function otherTablesOf({ tables }: WallReply): readonly string[] {
  return tables.filter((table) => !ownTables.has(table)).toSorted();
}
