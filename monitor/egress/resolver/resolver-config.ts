import { dohHosts } from '../list/doh-hosts.ts';
import { answerPort, refusalAddress, resolverPort, tableName } from '../wall/wall-numbers.ts';
import { nameSet } from '../wall/wall-sets.ts';
import type { NamePlan, NameVerdict } from '../wall/name-plan.ts';
import type { WallPlan } from '../wall/wall-plan.ts';

/** A name that the guard alone answers, so that an answer proves that the guard was asked. */
export const proofName = 'guard.sentra-proof.invalid';

/** A name that nobody may know. */
export const deniedProofName = 'sentra-proof.invalid';

/** What it is answered with: an address for documentation, which nobody has (RFC 5737). */
export const proofAddress = '192.0.2.1';

/** Docker's own resolver, which knows the names of other containers on the same networks. */
const engineResolver = '127.0.0.11';

/**
 * The resolver's configuration, in dnsmasq's words. Only allowed names are asked of anybody; what they
 * lead to is put into the kernel's sets by the resolver itself, so that it goes on without Sentra.
 *
 * In dnsmasq the longest name that fits decides: `/name/` is a name with all below it, `/*.name/`
 * what is below it alone. So both are written for every name that a rule mentions.
 */
export function compileResolver(plan: WallPlan, hasIpv6: boolean): string {
  const lines = [
    'no-resolv',
    'no-hosts',
    'no-poll',
    'no-ping',
    'bind-interfaces',
    'listen-address=127.0.0.1',
    ...(hasIpv6 ? ['listen-address=::1'] : []),
    `port=${resolverPort}`,
    'user=nobody',
    'pid-file=',
    // An answer from a cache would put no address into the kernel's sets.
    'cache-size=0',
    `max-ttl=${plan.ttlSeconds}`,
    'stop-dns-rebind',
    'log-queries=extra',
    'log-facility=-',
    ...(plan.asks ? askingLines(plan) : [`address=/#/${refusalAddress}`, 'local=/#/']),
    ...unknownLines(plan),
    `address=/${proofName}/${proofAddress}`,
  ];
  for (const name of plan.names) lines.push(...nameLines(name, plan));
  return `${lines.join('\n')}\n`;
}

/**
 * All else is answered with a placeholder by whoever holds connections; no name server hears of it.
 * Nobody is asked about what no person could decide by its name, nor about public resolvers, which
 * would make names and the list pointless.
 */
function askingLines({ names }: WallPlan): string[] {
  const planned = new Set(names.map(({ name }) => name));
  return [
    `server=127.0.0.1#${answerPort}`,
    ...[...dohHosts].filter((name) => !planned.has(name)).flatMap(refusal),
  ];
}

/**
 * Names that nobody has, or that ask for something else than an address: they do not exist. By the
 * last one Firefox asks whether it may use a name server of its own.
 */
const unknown = [
  'invalid',
  'localhost',
  'onion',
  'in-addr.arpa',
  'ip6.arpa',
  'use-application-dns.net',
];

/** Whether the name, or one above it, is among those that nobody has. */
export function isNobodys(name: string): boolean {
  return unknown.some((each) => name === each || name.endsWith(`.${each}`));
}

function unknownLines({ names }: WallPlan): string[] {
  const planned = new Set(names.map(({ name }) => name));
  return unknown.filter((name) => !planned.has(name)).map((name) => `local=/${name}/`);
}

/** Without `local` what is no question for an address would be forwarded. */
function refusal(pattern: string): string[] {
  return [`address=/${pattern}/${refusalAddress}`, `local=/${pattern}/`];
}

function nameLines({ name, itself, below }: NamePlan, plan: WallPlan): string[] {
  const servers = isOfEngine(name, plan.networks) ? [engineResolver] : plan.upstream;
  const lines = [
    ...decisionLines(name, itself, servers),
    ...decisionLines(`*.${name}`, below, servers),
  ];
  const allowed = itself.kind === 'allowed' ? itself : below.kind === 'allowed' ? below : undefined;
  if (allowed === undefined) return lines;
  const sets = ([4, 6] as const).flatMap((family) =>
    allowed.classes.map(
      (each) => `${family}#inet#${tableName}#${nameSet(family, { ...each, local: allowed.local })}`,
    ),
  );
  lines.push(`nftset=/${name}/${sets.join(',')}`);
  if (allowed.local) lines.push(`rebind-domain-ok=/${name}/`);
  return lines;
}

function decisionLines(pattern: string, verdict: NameVerdict, servers: readonly string[]) {
  if (verdict.kind === 'denied') return refusal(pattern);
  if (servers.length === 0) return [`local=/${pattern}/`];
  return servers.map((server) => `server=/${pattern}/${server}`);
}

/** `db`, and `db.team` on the network `team`: names of containers, which nobody else knows. */
export function isOfEngine(name: string, networks: readonly string[]): boolean {
  if (networks.length === 0) return false;
  return (
    !name.includes('.') || networks.some((network) => name.endsWith(`.${network.toLowerCase()}`))
  );
}
