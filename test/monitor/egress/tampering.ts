import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { findResolverCgroups } from '../../../monitor/egress/resolver/resolver-cgroup.ts';
import { readNote } from '../../../monitor/egress/wall/wall-record.ts';
import { engineSocket } from '../../engine/capabilities.ts';
import { run } from '../../engine/command.ts';
import type { TestContainer } from '../../engine/containers.ts';
import { demand } from '../../engine/engine-http.ts';
import { eventually, inNetworkOf, type EgressWatch } from './egress-stage.ts';

/** One way of breaking a wall behind Sentra's back. */
export interface Tampering {
  readonly name: string;
  /** What tells of it: that the wall was found open, or the badge. */
  readonly shown: { readonly breach: RegExp } | { readonly badge: RegExp };
  readonly apply: (container: TestContainer) => Promise<unknown>;
  /** Puts away what it needed besides. */
  readonly undo?: (container: TestContainer) => Promise<unknown>;
  /** What the badge may say for a while after the wall was mended. */
  readonly mayRemain?: RegExp;
  /** It stays as long as it is there, for it is not Sentra's to take away. */
  readonly stays?: true;
}

/** At most so long after it was done it is shown, milliseconds. */
export const shownWithinMs = 10_000;

/** Whether it is shown, by what was told of the container since there were `before` observations. */
export async function isShown(
  { shown }: Tampering,
  watch: EgressWatch,
  container: TestContainer,
  before: number,
): Promise<boolean> {
  if ('breach' in shown) {
    return watch.seen
      .slice(before)
      .some((each) => each.container === container.id && shown.breach.test(each.breach ?? ''));
  }
  const sight = (await watch.view(container)).coverage?.sight;
  return sight?.state === 'partly' && shown.badge.test(sight.reason);
}

/** A rule that a wall has to have for all of these: it makes one set of ranges and two of names. */
export const tamperedRules = [
  { verdict: 'allow', target: 'allowed.test', local: true },
  { verdict: 'allow', target: '198.51.100.0/24' },
] as const;

const changed = { breach: /^The rules of the wall around its egress were changed/ };
const taken = { breach: /^The wall around its egress was taken away/ };
const foreign = { breach: /^The address 203\.0\.113\.\d+, which no allowed name led to/ };
const resolverEnded = { badge: /^Its resolver had ended and was started anew/ };

const rules = (name: string, text: string, shown: Tampering['shown'] = changed): Tampering => ({
  name,
  shown,
  apply: (container) => inNetworkOf(container, ['nft', '-f', '-'], `${text}\n`),
});

/** In the network that the engine's bridges are in. */
async function atGate(container: TestContainer, text: string): Promise<unknown> {
  const { State: state } = await container.inspect();
  const status = readFileSync(`/proc/${state.Pid}/status`, 'utf8');
  const shim = /^PPid:\s*(\d+)$/m.exec(status)?.[1] ?? '';
  return run('nsenter', ['-t', shim, '-n', 'nft', '-f', '-'], { input: `${text}\n` });
}

const gate = (name: string, text: string): Tampering => ({
  name: `the gate ${name}`,
  shown: { breach: /^The gate on the engine’s side of its network was changed/ },
  apply: (container) => atGate(container, text),
});

function resolverOf(container: TestContainer): number {
  const [pid] = findResolverCgroups().get(container.id)?.pids() ?? [];
  if (pid === undefined) throw new Error('It has no resolver.');
  return pid;
}

async function deleteLastRule(container: TestContainer): Promise<void> {
  const listed = await inNetworkOf(container, [
    'nft',
    '-a',
    'list',
    'chain',
    'inet',
    'sentra',
    'outbound',
  ]);
  const handle = [...listed.matchAll(/# handle (\d+)/g)].at(-1)?.[1] ?? '';
  await inNetworkOf(container, [
    'nft',
    'delete',
    'rule',
    'inet',
    'sentra',
    'outbound',
    'handle',
    handle,
  ]);
}

/** Ends the resolver and puts another program into its cgroup. */
async function replaceResolver(container: TestContainer): Promise<void> {
  process.kill(resolverOf(container), 'SIGKILL');
  const cgroup = findResolverCgroups().get(container.id);
  const { State: state } = await container.inspect();
  const child = spawn('nsenter', ['-t', String(state.Pid), '-n', 'sleep', '60'], {
    stdio: 'ignore',
  });
  if (child.pid !== undefined) cgroup?.take(child.pid);
}

const elsewhere = '/sys/fs/cgroup/unified/sentra-test-elsewhere';

function moveResolver(container: TestContainer): Promise<void> {
  mkdirSync(elsewhere, { recursive: true });
  writeFileSync(`${elsewhere}/cgroup.procs`, String(resolverOf(container)));
  return Promise.resolve();
}

/** The namespaces that are held beyond the end of what ran in them. */
const held = new Map<string, ChildProcess>();

/**
 * Restarts the container while its network of before stays, with its wall, and takes the wall around its
 * new one away: where it stands now is the wrong place.
 */
async function leaveWallBehind(container: TestContainer): Promise<void> {
  const { State: before } = await container.inspect();
  const words = ['-t', String(before.Pid), '-n', 'sleep', '120'];
  held.set(container.id, spawn('nsenter', words, { stdio: 'ignore' }));
  await demand(engineSocket(), 'POST', `/containers/${container.id}/restart?t=0`);
  const { State: after } = await container.inspect();
  await eventually('its wall stands again', () => readNote(container.id)?.pid === after.Pid);
  await inNetworkOf(
    container,
    ['nft', '-f', '-'],
    'delete table inet sentra\ndelete table netdev sentra\n',
  );
}

function letGo(container: TestContainer): Promise<unknown> {
  held.get(container.id)?.kill();
  return Promise.resolve(held.delete(container.id));
}

/** Each breaks the wall of a container in another way. */
export const tamperings: readonly Tampering[] = [
  rules('the table is deleted', 'delete table inet sentra'),
  rules('its rules are flushed', 'flush table inet sentra'),
  { name: 'one rule is deleted', shown: changed, apply: deleteLastRule },
  rules('a rule that lets all through is put first', 'insert rule inet sentra outbound accept'),
  rules(
    'a rule marks every flow as one that may pass',
    'insert rule inet sentra outbound ct mark set 0x53000001',
  ),
  rules('the policy is turned round', 'add chain inet sentra outbound { policy accept ; }'),
  rules('a chain gets another name', 'rename chain inet sentra pass passed'),
  rules('the table is put to sleep', 'add table inet sentra { flags dormant ; }'),
  rules(
    'name servers are swapped for others',
    'flush set inet sentra up4\nadd element inet sentra up4 { 203.0.113.53 }',
  ),
  rules(
    'a range is added to those that are allowed',
    'add element inet sentra a4_any_any { 203.0.113.0/24 }',
  ),
  rules(
    'an address is put among those of names',
    'add element inet sentra n4_any_any { 203.0.113.9 }',
    foreign,
  ),
  rules(
    'an address is put there for ever',
    'add element inet sentra k4_any_any { 203.0.113.10 timeout 300d }',
    foreign,
  ),
  rules('questions are not turned to the guard any more', 'flush chain inet sentra names'),
  rules('the second wall is deleted', 'delete table netdev sentra'),
  rules(
    'the chain of the second wall is deleted',
    'flush chain netdev sentra frames\ndelete chain netdev sentra frames',
  ),
  rules('the second wall lets all frames through', 'insert rule netdev sentra frames accept'),
  {
    name: 'a table beside it rewrites what has passed',
    shown: { badge: /^Tables that Sentra did not make are in its network.*ip beside/ },
    apply: (container) =>
      inNetworkOf(
        container,
        ['nft', '-f', '-'],
        'table ip beside { chain late { type filter hook output priority 300; ip daddr 198.51.100.1 ip daddr set 203.0.113.9; }\n}\n',
      ),
    undo: (container) => inNetworkOf(container, ['nft', 'delete', 'table', 'ip', 'beside']),
    stays: true,
  },
  {
    name: 'its resolver is killed',
    shown: resolverEnded,
    apply: (container) => Promise.resolve(process.kill(resolverOf(container), 'SIGKILL')),
  },
  {
    name: 'its resolver is stopped',
    shown: resolverEnded,
    apply: (container) => Promise.resolve(process.kill(resolverOf(container), 'SIGSTOP')),
  },
  {
    name: 'its resolver is replaced',
    shown: { breach: /^In the place of its resolver ran a program/ },
    apply: replaceResolver,
  },
  {
    name: 'its resolver is moved out of its cgroup',
    shown: resolverEnded,
    // A question in between goes round and round, as its own is turned back to it, and fills the log.
    mayRemain: /entries of its resolver’s log were lost/,
    apply: moveResolver,
    undo: () => run('rmdir', [elsewhere]),
  },
  {
    name: 'a second interface is put into its network',
    shown: { badge: /^Its network has interfaces that the engine did not make: second0/ },
    apply: (container) =>
      inNetworkOf(container, ['ip', 'link', 'add', 'second0', 'type', 'veth', 'peer', 'second1']),
    undo: (container) => inNetworkOf(container, ['ip', 'link', 'del', 'second0']),
    stays: true,
  },
  {
    name: 'its wall stands in the network of before a restart alone',
    shown: taken,
    apply: leaveWallBehind,
    undo: letGo,
  },
  gate('is taken away', 'delete table bridge sentra\ndelete table netdev sentra'),
  gate('lets all through', 'insert rule bridge sentra between accept'),
  gate(
    'before the host is flushed',
    'add chain netdev sentra arrivals { policy accept ; }\nflush chain netdev sentra arrivals',
  ),
];
