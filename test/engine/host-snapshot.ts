import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { cgroupMounts, processesIn } from './cgroup-folders.ts';
import { tryRun } from './command.ts';
import { demand } from './engine-http.ts';
import { ENGINE_MARK } from './engine-namespace.ts';
import { ENGINE_ROOT, isSupervised, readRecords } from './engine-record.ts';
import { asRoot } from './privilege.ts';
import { listProcesses, waitUntil } from './process-table.ts';

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

/** How to look. */
export interface SnapshotOptions {
  /** Looks from inside other namespaces, for example `['nsenter', '-t', '12', '-n', '-m']`. */
  readonly prefix?: readonly string[];
  /** The socket of an engine that must not notice anything either. */
  readonly otherEngine?: string;
  /**
   * The ids of the test's own engines. Those of other runs on this machine come and go as they
   * like: what bears their id is left out.
   */
  readonly own: ReadonlySet<string>;
}

/** Whether a line tells of an engine of another run. */
function isForeign(line: string, own: ReadonlySet<string>): boolean {
  const ids = [...line.matchAll(/sentra(?:[-_](?:engine|test)[-_])?([0-9a-f]{6})(?![0-9a-z])/g)];
  const links = [...line.matchAll(/\bsentra([0-9a-f]{6})h\b/g)];
  return [...ids, ...links].some((match) => match[1] !== undefined && !own.has(match[1]));
}

/** What stands on this machine now. */
export async function takeHostSnapshot(options: SnapshotOptions): Promise<HostSnapshot> {
  const { prefix = [], otherEngine, own } = options;
  const see = (...commandLine: string[]) => lines(prefix, commandLine);
  // An address that was given just now is tentative for a second or two.
  await waitUntil(async () => !(await see('ip', '-o', 'addr')).join().includes('tentative'), 5000);
  const foreign = readRecords().some((record) => isSupervised(record) && !own.has(record.id));
  const files = [ENGINE_ROOT, '/run', '/etc/docker', '/run/containerd'].map((path) =>
    see('sh', '-c', `[ -d ${path} ] && find ${path} -maxdepth 1 | sort || echo no ${path}`),
  );
  const processes = await engineProcesses();
  const controlGroups = cgroupMounts().flatMap((mount) => folders(mount, 2));
  const all: Record<string, string[]> = {
    links: still(await see('ip', '-o', 'link')),
    addresses: still(await see('ip', '-o', 'addr')),
    routes: still(await see('ip', 'route', 'show', 'table', 'all')),
    routesOfIpv6: still(await see('ip', '-6', 'route', 'show', 'table', 'all')),
    routingRules: await see('ip', 'rule'),
    nft: tables(still(await see('nft', 'list', 'ruleset'))),
    iptables: still(await see('iptables-save')),
    // Engines share the switch of the uplink: while another run's lives, it tells nothing of ours.
    settings: (await settings(prefix)).filter((line) => !foreign || !line.includes('/forwarding:')),
    mounts: (await see('cat', '/proc/self/mountinfo')).map(withoutMountIds).sort(),
    controlGroups,
    strangers: strangers(controlGroups, processes, own),
    files: (await Promise.all(files)).flat(),
    engineProcesses: processes.map(
      ({ id, pid, startTicks }) => `sentra-engine-${id} ${pid} ${startTicks}`,
    ),
    ...(otherEngine !== undefined && { otherEngine: await contentOf(otherEngine) }),
  };
  return Object.fromEntries(
    Object.entries(all).map(([name, list]) => [name, list.filter((line) => !isForeign(line, own))]),
  );
}

/** The rule set with one line for each table. */
function tables(list: readonly string[]): string[] {
  return list
    .join('\n')
    .split(/\n(?=table )/)
    .filter((table) => table !== '');
}

/** A mount's numbers differ for every process that looks from a namespace of its own. */
function withoutMountIds(line: string): string {
  return line.split(' ').slice(2).join(' ');
}

/**
 * Of these folders those in which only processes live that no engine started. An engine can neither
 * make them nor take them away: what it leaves behind bears its id, is empty, or holds its processes.
 */
function strangers(
  controlGroups: readonly string[],
  processes: readonly EngineProcess[],
  own: ReadonlySet<string>,
): string[] {
  const ofEngines = new Set(processes.map(({ pid }) => pid));
  return controlGroups.filter((folder) => {
    if ([...own].some((id) => folder.includes(id))) return false;
    const inside = [...processesIn([folder])];
    return inside.length > 0 && !inside.some((pid) => ofEngines.has(pid));
  });
}

interface EngineProcess {
  /** Of the engine. */
  readonly id: string;
  readonly pid: number;
  readonly startTicks: number;
}

/** The processes of private engines. */
async function engineProcesses(): Promise<readonly EngineProcess[]> {
  const pattern = `${ENGINE_MARK}=[0-9a-f]*`;
  const found = await lines(
    [],
    ['sh', '-c', `grep -Hosa '${pattern}' /proc/[0-9]*/environ || true`],
  );
  const ids = new Map(
    found.map((line) => {
      const match = /^\/proc\/(\d+)\/environ:.*=([0-9a-f]+)/.exec(line);
      return [Number(match?.[1]), match?.[2] ?? ''];
    }),
  );
  return listProcesses()
    .filter(({ pid }) => ids.has(pid))
    .map(({ pid, startTicks }) => ({ id: ids.get(pid) ?? '', pid, startTicks }));
}
