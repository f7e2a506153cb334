import { BlockList } from 'node:net';
import type { EgressProbe } from '../../model/egress.ts';
import { failed, ok, type Result } from '../../runtime/result.ts';
import type { Reading, SetElement } from '../carrier/carrier.ts';
import type { FlowCount } from '../wall/listing.ts';
import { deniedProofName, proofAddress, proofName } from '../resolver/resolver-config.ts';
import { runTool } from '../carrier/tool.ts';
import { mostSeen, refusalAddress } from '../wall/wall-numbers.ts';
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
  /** An allowed name that is asked of a real name server, as the container's own user. */
  readonly allowedName: string | undefined;
  /** The uid that the container's own main process has. */
  readonly ownUid: number;
}

/** What is read of the wall before and after. */
export interface ProbedWall {
  readonly refused: readonly FlowCount[];
  /** What is in the sets of names. */
  readonly elements: readonly SetElement[];
}

/** What a proof needs of a reading. */
export function probedWall({ listing, elements }: Reading): ProbedWall {
  return { refused: listing?.refused ?? [], elements };
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
  { allowedName, ownUid }: ProbeWishes,
  read: () => Promise<Result<ProbedWall, string>>,
): Promise<Result<readonly EgressProbe[], string>> {
  if (plan.mode !== 'enforce') return failed('There is nothing to prove: the mode is observe.');
  const refused = attemptsFor(plan);
  const probes: EgressProbe[] = [];
  for (const uid of new Set([...uids, ownUid])) {
    const tried = uid === ownUid ? [...refused, ...asking(allowedName)] : refused;
    const before = await read();
    if (!before.ok) return before;
    const ran = await tryWaysOut(uid, tried.map(argumentOf));
    if (!ran.ok) return failed(`The probe did not run: ${ran.error}`);
    const after = await read();
    if (!after.ok) return after;
    const came = ran.value.split('\n');
    for (const [index, attempt] of tried.entries()) {
      const line = came[index] ?? '';
      probes.push({
        what: whatOf(attempt, uid),
        ...(attempt.name === undefined
          ? judge(attempt, line, before.value, after.value)
          : judgeName(attempt.name.kind, line, after.value)),
      });
    }
  }
  return ok(probes);
}

function attemptsFor(plan: WallPlan): readonly Attempt[] {
  return attempts.filter(
    ({ kind, address }) => kind === 'name' || !isAllowedByRange(plan, address),
  );
}

function asking(name: string | undefined): readonly Attempt[] {
  return name === undefined ? [] : [{ ...otherServer, name: { text: name, kind: 'allowed' } }];
}

function argumentOf({ kind, address, port, name }: Attempt): string {
  return [kind, address, port, ...(name === undefined ? [] : [name.text])].join('-');
}

function whatOf({ kind, address, port, name }: Attempt, uid: number): string {
  if (name === undefined) return `${kind.toUpperCase()} to ${address} port ${port} as uid ${uid}`;
  const what = name.kind === 'allowed' ? 'the allowed name' : 'the name';
  return `${what} ${name.text}, asked of another server as uid ${uid}`;
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

function refusals({ refused }: ProbedWall, { address, port, kind }: Attempt): number {
  const isIt = (flow: FlowCount): boolean =>
    flow.address === address && flow.port === port && flow.protocol === kind;
  return refused.filter(isIt).reduce((sum, { packets }) => sum + packets, 0);
}

/** Whether a destination may have been refused without a place among those that are counted. */
function isFull({ refused }: ProbedWall, { address }: Attempt): boolean {
  const isSix = address.includes(':');
  return refused.filter((flow) => flow.address.includes(':') === isSix).length >= mostSeen;
}

/** As the program prints them: ENETUNREACH, and EADDRNOTAVAIL. */
const noRoute: ReadonlySet<string> = new Set(['E101', 'E99']);

type Judgement = Pick<EgressProbe, 'outcome' | 'detail'>;

function judge(attempt: Attempt, came: string, before: ProbedWall, after: ProbedWall): Judgement {
  const { kind, address } = attempt;
  if (after.elements.some((element) => element.address === address)) {
    return { outcome: 'not-tried', detail: 'an allowed name leads there' };
  }
  if (came === 'open') return { outcome: 'wrong', detail: 'it got out' };
  if (refusals(after, attempt) > refusals(before, attempt)) {
    return { outcome: 'as-it-should', detail: 'refused and counted by the wall' };
  }
  if (noRoute.has(came)) {
    return { outcome: 'not-tried', detail: 'there is no route that it could take' };
  }
  const detail = `not counted (${came})`;
  // The wall would have told the program so, or else have counted what it dropped.
  const left = kind === 'udp' ? came === 'sent' : came === 'E111' || came === 'timeout';
  return { outcome: left && !isFull(after, attempt) ? 'wrong' : 'not-proved', detail };
}

function judgeName(
  kind: 'guard' | 'denied' | 'allowed',
  came: string,
  { elements }: ProbedWall,
): Judgement {
  const [code = '', address] = came.split(' ');
  if (!/^rcode\d+$/.test(code)) {
    // Without a route nothing is asked, and without a network nobody answers.
    return { outcome: 'not-proved', detail: `no answer (${came})` };
  }
  switch (kind) {
    case 'guard':
      return address === proofAddress
        ? { outcome: 'as-it-should', detail: 'answered by the guard' }
        : { outcome: 'wrong', detail: `answered by somebody else (${came})` };
    case 'denied':
      return code === 'rcode0'
        ? { outcome: 'wrong', detail: 'answered, though nobody may know it' }
        : { outcome: 'as-it-should', detail: 'answered as unknown' };
    case 'allowed':
      return judgeAllowed(code, address, elements);
  }
}

function judgeAllowed(
  code: string,
  address: string | undefined,
  elements: readonly SetElement[],
): Judgement {
  if (code === 'rcode3') return { outcome: 'not-tried', detail: 'no name server knows it' };
  if (code !== 'rcode0') {
    return { outcome: 'not-proved', detail: `its name server does not tell (${code})` };
  }
  if (address === undefined) {
    return { outcome: 'not-tried', detail: 'it has no address of IPv4' };
  }
  if (address === refusalAddress) {
    return { outcome: 'not-proved', detail: 'the guard refuses it, though a rule allows it' };
  }
  return elements.some((element) => element.address === address)
    ? { outcome: 'as-it-should', detail: 'answered, and the wall lets its address through' }
    : { outcome: 'not-proved', detail: `the wall does not let its address ${address} through` };
}
