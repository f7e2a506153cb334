import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { cgroupMounts } from './cgroup-folders.ts';
import { tryRun } from './command.ts';
import { demand } from './engine-http.ts';
import { ENGINE_ROOT } from './engine-record.ts';
import { ENGINE_MARK } from './engine-namespace.ts';
import { asRoot } from './privilege.ts';
import { listProcesses } from './process-table.ts';

/** What a machine is before and after something that must leave no trace. All as sorted lines. */
export type HostSnapshot = Readonly<Record<string, readonly string[]>>;

async function lines(prefix: readonly string[], commandLine: readonly string[]): Promise<string[]> {
  const [command = '', ...args] = asRoot([...prefix, ...commandLine]);
  const { code, stdout, stderr } = await tryRun(command, args);
  if (code !== 0) throw new Error(`${commandLine.join(' ')}: ${stderr.trim()}`);
  return stdout.split('\n').filter((line) => line !== '');
}

/** Without counters and times, which move by themselves. */
function still(list: readonly string[]): string[] {
  return list
    .filter((line) => !line.startsWith('#'))
    .map((line) => line.replace(/packets \d+ bytes \d+/g, 'packets bytes'))
    .map((line) => line.replace(/\[\d+:\d+\]/g, '[]'))
    .map((line) => line.replace(/valid_lft \d+sec preferred_lft \d+sec/g, 'valid_lft'));
}

/** The settings of the network that packets depend on: all of `net.ipv4`, and bridges. */
async function settings(prefix: readonly string[]): Promise<string[]> {
  const listed = await lines(prefix, [
    'sh',
    '-c',
    "grep -rs '' /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv4/conf /proc/sys/net/ipv6/conf " +
      '/proc/sys/net/bridge /proc/sys/kernel/keys /proc/sys/net/netfilter/nf_conntrack_max || true',
  ]);
  return listed.filter((line) => !line.includes('stable_secret')).sort();
}

function folders(path: string, depth: number): string[] {
  if (depth === 0 || !existsSync(path)) return [];
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap((entry) => {
      const folder = join(path, entry.name);
      return [folder, ...folders(folder, depth - 1)];
    });
}

/** The containers of an engine with their state and start, and its networks with their ids. */
async function contentOf(socketPath: string): Promise<string[]> {
  const list = z.array(z.looseObject({ Id: z.string() }));
  const containers = list.parse(await demand(socketPath, 'GET', '/containers/json?all=1'));
  const states = containers.map(async ({ Id }) => {
    const about = z
      .looseObject({ State: z.looseObject({ StartedAt: z.string(), Pid: z.int() }) })
      .parse(await demand(socketPath, 'GET', `/containers/${Id}/json`));
    return `container ${Id} ${JSON.stringify(about.State)}`;
  });
  const networks = list.parse(await demand(socketPath, 'GET', '/networks'));
  return [...(await Promise.all(states)), ...networks.map(({ Id }) => `network ${Id}`)].sort();
}

/**
 * What stands on this machine now. `prefix` looks from inside another network namespace, for
 * example `['nsenter', '-t', '12', '-n']`; `otherEngine` is the socket of an engine that must not
 * notice anything either.
 */
export async function takeHostSnapshot(options: {
  readonly prefix?: readonly string[];
  readonly otherEngine?: string;
}): Promise<HostSnapshot> {
  const { prefix = [], otherEngine } = options;
  const mountInfo = readFileSync('/proc/self/mountinfo', 'utf8').split('\n').sort();
  return {
    links: still(await lines(prefix, ['ip', '-o', 'link'])),
    addresses: still(await lines(prefix, ['ip', '-o', 'addr'])),
    routes: still(await lines(prefix, ['ip', 'route', 'show', 'table', 'all'])),
    routesOfIpv6: still(await lines(prefix, ['ip', '-6', 'route', 'show', 'table', 'all'])),
    routingRules: await lines(prefix, ['ip', 'rule']),
    nft: still(await lines(prefix, ['nft', 'list', 'ruleset'])),
    iptables: still(await lines(prefix, ['iptables-save'])),
    settings: await settings(prefix),
    mounts: mountInfo,
    controlGroups: cgroupMounts().flatMap((mount) => folders(mount, 2)),
    files: [ENGINE_ROOT, '/run', '/etc/docker', '/run/containerd'].flatMap((path) =>
      existsSync(path) ? readdirSync(path).map((name) => join(path, name)) : [`no ${path}`],
    ),
    engineProcesses: await processesWithMark(),
    ...(otherEngine !== undefined && { otherEngine: await contentOf(otherEngine) }),
  };
}

/** The processes of private engines that run now, by number and start. */
async function processesWithMark(): Promise<string[]> {
  const marked = await lines(
    [],
    ['sh', '-c', `grep -lsa ${ENGINE_MARK}= /proc/[0-9]*/environ || true`],
  );
  const pids = new Set(marked.map((path) => Number(path.split('/')[2])));
  return listProcesses()
    .filter(({ pid }) => pids.has(pid))
    .map(({ pid, startTicks }) => `${pid} ${startTicks}`);
}
