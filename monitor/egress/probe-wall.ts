import { BlockList } from 'node:net';
import { z } from 'zod';
import type { EgressProbe } from '../model/egress.ts';
import { failed, ok, type Result } from '../runtime/result.ts';
import type { FlowCount, Listing } from './listing.ts';
import type { NetworkNamespace } from './namespace.ts';
import { findTool, runTool } from './tool.ts';
import type { WallPlan } from './wall-plan.ts';

/** One way out that is tried. Addresses for documentation: nobody has them (RFC 5737, RFC 3849). */
interface Attempt {
  readonly kind: 'tcp' | 'udp' | 'name';
  readonly address: string;
  readonly port: number;
  readonly name?: string;
}

const refusedAttempts: readonly Attempt[] = [
  { kind: 'tcp', address: '192.0.2.1', port: 443 },
  { kind: 'udp', address: '192.0.2.1', port: 9 },
  { kind: 'tcp', address: '2001:db8::1', port: 443 },
  { kind: 'tcp', address: '169.254.169.254', port: 80 },
  // Another name server: the wall turns the question to the guard, which does not know the name.
  { kind: 'name', address: '192.0.2.53', port: 53, name: 'sentra-proof.invalid' },
];

/** As whom it is tried: root, and the user that the resolver runs as. */
const uids = [0, 65_534] as const;

/**
 * Run by Node in the container's network namespace, on its own: it knows nothing but its arguments.
 * Prints one line a try: what came of it, by the error's name.
 */
const program = `
const [uid, text] = process.argv.slice(1);
const net = require('node:net'), dgram = require('node:dgram');
process.setgroups([]); process.setgid(Number(uid)); process.setuid(Number(uid));
const wait = (try_) => new Promise((resolve) => { const t = setTimeout(() => resolve('timeout'), 2000);
  const end = (what) => { clearTimeout(t); resolve(what); }; try { try_(end); } catch (e) { end(e.code ?? 'failed'); } });
const tcp = (a) => (end) => { const s = net.connect({ host: a.address, port: a.port });
  s.on('connect', () => { end('open'); s.destroy(); }); s.on('error', (e) => end(e.code)); };
const udp = (a) => (end) => { const s = dgram.createSocket('udp4');
  s.on('error', (e) => end(e.code)); s.connect(a.port, a.address, () => s.send('x', (e) => end(e ? e.code : 'sent'))); };
const name = (a) => (end) => { const s = dgram.createSocket('udp4');
  const q = Buffer.concat([Buffer.from([7, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]),
    ...a.name.split('.').map((l) => Buffer.concat([Buffer.from([l.length]), Buffer.from(l)])), Buffer.from([0, 0, 1, 0, 1])]);
  s.on('error', (e) => end(e.code)); s.on('message', (m) => end('rcode' + (m[3] & 15)));
  s.send(q, a.port, a.address, (e) => { if (e) end(e.code); }); };
(async () => { const out = [];
  for (const a of JSON.parse(text)) out.push(await wait({ tcp, udp, name }[a.kind](a)));
  process.stdout.write(JSON.stringify(out), () => process.exit(0)); })();
`;

const outcomes = z.array(z.string().max(64));

/**
 * Tries the ways out as that user, in the container's network, and last the allowed name where there
 * is one: what came of each, in the order in which they stand here, by a word such as `timeout`.
 */
export type TryWaysOut = (
  uid: (typeof uids)[number],
  allowedName: string | undefined,
) => Promise<Result<readonly string[], string>>;

function attemptsWith(allowedName: string | undefined): readonly Attempt[] {
  const address = '192.0.2.53';
  const asked = { kind: 'name', address, port: 53, name: allowedName ?? '' } as const;
  return [...refusedAttempts, ...(allowedName === undefined ? [] : [asked])];
}

/** Tries them by a process of Node's, started in the namespace by this process. */
export function tryWaysOutFrom(
  space: NetworkNamespace,
  toolFolders: readonly string[],
): TryWaysOut {
  return async (uid, allowedName) => {
    const nsenter = findTool('nsenter', toolFolders);
    if (!nsenter.ok) return nsenter;
    const attempts = JSON.stringify(attemptsWith(allowedName));
    const ran = await runTool({
      path: nsenter.value,
      args: ['--net=/proc/self/fd/3', ...[process.execPath, '-e', program, String(uid), attempts]],
      descriptor: space.descriptor,
    });
    if (!ran.ok) return ran;
    const results = outcomes.safeParse(JSON.parse(ran.value));
    return results.success ? ok(results.data) : failed('It did not say what came of it.');
  };
}

/** Tries each way out as each user, and compares with what the wall itself counted. */
export async function probeWall(
  plan: WallPlan,
  tryWaysOut: TryWaysOut,
  read: () => Promise<Result<Listing | undefined, string>>,
): Promise<Result<readonly EgressProbe[], string>> {
  if (plan.mode !== 'enforce') return failed('There is nothing to prove: the mode is observe.');
  const allowed = plan.names.find(({ itself }) => itself.kind === 'allowed');
  const attempts = attemptsWith(allowed?.name);
  const probes: EgressProbe[] = [];
  for (const uid of uids) {
    const before = await read();
    if (!before.ok) return before;
    const came = await tryWaysOut(uid, allowed?.name);
    if (!came.ok) return failed(`The probe did not run: ${came.error}`);
    const after = await read();
    if (!after.ok) return after;
    for (const [index, attempt] of attempts.entries()) {
      // What a rule lets through proves nothing by getting out.
      if (attempt.kind !== 'name' && isAllowedByRange(plan, attempt.address)) continue;
      const moved = refusals(after.value, attempt) > refusals(before.value, attempt);
      const isAllowed = allowed !== undefined && attempt.name === allowed.name;
      probes.push(judge(attempt, uid, came.value[index] ?? 'failed', moved, isAllowed));
    }
  }
  return ok(probes);
}

/** Whether a rule says that the address may be reached, so that getting there proves nothing. */
function isAllowedByRange({ ranges }: WallPlan, address: string): boolean {
  const list = new BlockList();
  for (const group of ranges) {
    if (group.verdict !== 'allow') continue;
    for (const range of group.ranges) {
      const [network = '', length = ''] = range.split('/');
      list.addSubnet(network, Number(length), group.family === 4 ? 'ipv4' : 'ipv6');
    }
  }
  return list.check(address, address.includes(':') ? 'ipv6' : 'ipv4');
}

function refusals(listing: Listing | undefined, { address, port, kind }: Attempt): number {
  const isIt = (flow: FlowCount): boolean =>
    flow.address === address && flow.port === port && flow.protocol === kind;
  return listing?.refused.filter(isIt).reduce((sum, { packets }) => sum + packets, 0) ?? 0;
}

function judge(
  { kind, address, port, name }: Attempt,
  uid: number,
  came: string,
  moved: boolean,
  isAllowed: boolean,
): EgressProbe {
  if (kind === 'name') {
    const what = `the name ${name ?? ''}, asked of another server as uid ${uid}`;
    const answered = /^rcode\d+$/.test(came);
    if (isAllowed) {
      if (came === 'rcode0') return { what, outcome: 'as-it-should', detail: 'answered' };
      // Without a network nobody answers; that says nothing about the wall.
      return { what, outcome: 'not-proved', detail: `no answer from a name server (${came})` };
    }
    if (came === 'rcode3') return { what, outcome: 'as-it-should', detail: 'answered as unknown' };
    if (!answered) return { what, outcome: 'not-proved', detail: `no answer at all (${came})` };
    return { what, outcome: 'wrong', detail: `answered by somebody else (${came})` };
  }
  const what = `${kind.toUpperCase()} to ${address} port ${port} as uid ${uid}`;
  if (came === 'open') return { what, outcome: 'wrong', detail: 'it got out' };
  if (moved) return { what, outcome: 'as-it-should', detail: 'refused and counted by the wall' };
  if (came === 'ENETUNREACH' || came === 'EADDRNOTAVAIL') {
    return { what, outcome: 'as-it-should', detail: 'there is no route that it could take' };
  }
  return {
    what,
    outcome: came === 'sent' ? 'wrong' : 'not-proved',
    detail: `not counted (${came})`,
  };
}
