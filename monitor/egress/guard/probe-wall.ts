import { BlockList } from 'node:net';
import type { EgressProbe } from '../../model/egress.ts';
import { failed, ok, type Result } from '../../runtime/result.ts';
import type { FlowCount, Listing } from '../wall/listing.ts';
import { deniedProofName, proofName } from '../resolver/resolver-config.ts';
import { runTool } from '../carrier/tool.ts';
import type { WallPlan } from '../wall/wall-plan.ts';
import { findWallProgram } from '../wall/wall-program.ts';

/** One way out that is tried. Addresses for documentation: nobody has them (RFC 5737, RFC 3849). */
interface Attempt {
  readonly kind: 'tcp' | 'udp' | 'name';
  readonly address: string;
  readonly port: number;
  /** `guard`: only the guard knows it; `denied`: nobody does; `allowed`: by the list. */
  readonly name?: { readonly text: string; readonly kind: 'guard' | 'denied' | 'allowed' };
}

const otherServer = { kind: 'name', address: '192.0.2.53', port: 53 } as const;

const attempts: readonly Attempt[] = [
  { kind: 'tcp', address: '192.0.2.1', port: 443 },
  { kind: 'udp', address: '192.0.2.1', port: 9 },
  { kind: 'tcp', address: '2001:db8::1', port: 443 },
  { kind: 'tcp', address: '169.254.169.254', port: 9 },
  { kind: 'tcp', address: '192.0.2.53', port: 853 },
  // Another name server: the wall turns the question to the guard.
  { ...otherServer, name: { text: proofName, kind: 'guard' } },
  { ...otherServer, name: { text: deniedProofName, kind: 'denied' } },
];

/** Whether the flow is one that proofs try, and no container has a reason to: it is not told. */
export function isProbeFlow(flow: Pick<FlowCount, 'address' | 'protocol' | 'port'>): boolean {
  return attempts.some(
    ({ kind, address, port }) =>
      kind === flow.protocol && address === flow.address && port === flow.port,
  );
}

/** As whom it is tried: root, and the user that the resolver runs as. */
const uids = [0, 65_534] as const;

/** Who tries: a process in this network namespace, with the cgroups of this one. */
export interface ProbeSpace {
  readonly pid: number;
  readonly inode: number;
}

/** What is tried besides what has to be refused. */
export interface ProbeWishes {
  /** Whether an allowed name is asked of a real name server. */
  readonly asksAllowed: boolean;
  /** The uid that the container's own main process has. */
  readonly ownUid: number;
}

/**
 * Has the program `wall-probe.c` try those ways out as that user: a line a try, of what came of it. The
 * failure is a sentence.
 */
export type TryWaysOut = (uid: number, ways: readonly string[]) => Promise<Result<string, string>>;

/** Tries them by a child of this process. */
export function tryHere({ pid, inode }: ProbeSpace): TryWaysOut {
  return async (uid, ways) => {
    const program = findWallProgram('sentra-wall-probe');
    if (!program.ok) return program;
    const args = [String(pid), String(inode), String(uid), ...ways];
    return runTool({ path: program.value, args });
  };
}

/** Tries each way out as each user, and compares with what the wall itself counted. */
export async function probeWall(
  tryWaysOut: TryWaysOut,
  plan: WallPlan,
  { asksAllowed, ownUid }: ProbeWishes,
  read: () => Promise<Result<Listing | undefined, string>>,
): Promise<Result<readonly EgressProbe[], string>> {
  if (plan.mode !== 'enforce') return failed('There is nothing to prove: the mode is observe.');
  const tried = attemptsFor(plan, asksAllowed);
  const probes: EgressProbe[] = [];
  for (const uid of new Set([...uids, ownUid])) {
    const before = await read();
    if (!before.ok) return before;
    const ran = await tryWaysOut(uid, tried.map(argumentOf));
    if (!ran.ok) return failed(`The probe did not run: ${ran.error}`);
    const after = await read();
    if (!after.ok) return after;
    const came = ran.value.split('\n');
    for (const [index, attempt] of tried.entries()) {
      const moved = refusals(after.value, attempt) > refusals(before.value, attempt);
      probes.push(judge(attempt, uid, came[index] ?? '', moved));
    }
  }
  return ok(probes);
}

function attemptsFor(plan: WallPlan, asksAllowed: boolean): readonly Attempt[] {
  const refused = attempts.filter(
    ({ kind, address }) => kind === 'name' || !isAllowedByRange(plan, address),
  );
  const allowed = asksAllowed
    ? plan.names.find(({ itself }) => itself.kind === 'allowed')
    : undefined;
  if (allowed === undefined) return refused;
  return [...refused, { ...otherServer, name: { text: allowed.name, kind: 'allowed' } }];
}

function argumentOf({ kind, address, port, name }: Attempt): string {
  return [kind, address, port, ...(name === undefined ? [] : [name.text])].join('-');
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

/** As the program prints them: ENETUNREACH, and EADDRNOTAVAIL. */
const noRoute: ReadonlySet<string> = new Set(['E101', 'E99']);

function judge(attempt: Attempt, uid: number, came: string, moved: boolean): EgressProbe {
  const { kind, address, port, name } = attempt;
  if (name !== undefined) {
    const what = `the name ${name.text}, asked of another server as uid ${uid}`;
    return { what, ...judgeName(name.kind, came) };
  }
  const what = `${kind.toUpperCase()} to ${address} port ${port} as uid ${uid}`;
  if (came === 'open') return { what, outcome: 'wrong', detail: 'it got out' };
  if (moved) return { what, outcome: 'as-it-should', detail: 'refused and counted by the wall' };
  if (noRoute.has(came)) {
    return { what, outcome: 'as-it-should', detail: 'there is no route that it could take' };
  }
  const detail = `not counted (${came})`;
  return { what, outcome: came === 'sent' ? 'wrong' : 'not-proved', detail };
}

function judgeName(
  kind: 'guard' | 'denied' | 'allowed',
  came: string,
): Pick<EgressProbe, 'outcome' | 'detail'> {
  if (!/^rcode\d+$/.test(came)) {
    // Without a route nothing is asked, and without a network nobody answers.
    return { outcome: 'not-proved', detail: `no answer (${came})` };
  }
  const isKnown = came === 'rcode0';
  switch (kind) {
    case 'guard':
      return isKnown
        ? { outcome: 'as-it-should', detail: 'answered by the guard' }
        : { outcome: 'wrong', detail: `answered by somebody else (${came})` };
    case 'denied':
      return isKnown
        ? { outcome: 'wrong', detail: 'answered, though nobody may know it' }
        : { outcome: 'as-it-should', detail: 'answered as unknown' };
    case 'allowed':
      return isKnown
        ? { outcome: 'as-it-should', detail: 'answered' }
        : { outcome: 'not-proved', detail: `a name server does not know it (${came})` };
  }
}
