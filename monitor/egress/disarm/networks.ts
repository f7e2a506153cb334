import { readFileSync, readdirSync, statSync } from 'node:fs';
import type { ContainerId } from '../../model/workload.ts';
import { ok, type Result } from '../../runtime/result.ts';
import { findTool, runTool } from '../carrier/tool.ts';
import type { SpaceKey } from '../wall/wall-reader.ts';

/** Every network namespace of this machine that a process is in, with one such process. */
export function everyNetwork(): readonly SpaceKey[] {
  const found = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const space = spaceOf(Number(name));
    if (space !== undefined && !found.has(space.inode)) found.set(space.inode, space.pid);
  }
  return [...found].map(([inode, pid]) => ({ inode, pid }));
}

/** The network of a process; undefined where it has ended. */
export function spaceOf(pid: number): SpaceKey | undefined {
  try {
    return { pid, inode: statSync(`/proc/${pid}/ns/net`).ino };
  } catch {
    return undefined;
  }
}

/** Containers by the inode of their network; of several in one it is whom Sentra has noted something about. */
export function ownersOf(
  spaces: Iterable<readonly [ContainerId, SpaceKey | undefined]>,
  noted: ReadonlySet<ContainerId>,
): ReadonlyMap<number, ContainerId> {
  const owners = new Map<number, ContainerId>();
  for (const [container, space] of spaces) {
    if (space === undefined) continue;
    if (!owners.has(space.inode) || noted.has(container)) owners.set(space.inode, container);
  }
  return owners;
}

/** The tables in a network, `family name` each, by nft itself. The failure is a sentence. */
export async function listTables(
  { pid }: SpaceKey,
  toolFolders: readonly string[],
): Promise<Result<readonly string[], string>> {
  const nsenter = findTool('nsenter', toolFolders);
  if (!nsenter.ok) return nsenter;
  const nft = findTool('nft', toolFolders);
  if (!nft.ok) return nft;
  const args = [`--net=/proc/${pid}/ns/net`, nft.value, 'list', 'tables'];
  const said = await runTool({ path: nsenter.value, args });
  if (!said.ok) return said;
  return ok([...said.value.matchAll(/^table (\S+ \S+)$/gm)].map(([, table = '']) => table));
}

/** Whether that process still is in that network: what is gone has nothing of Sentra's in it. */
export function isStillThere({ pid, inode }: SpaceKey): boolean {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return !/^State:\s*[ZX]/m.test(status) && statSync(`/proc/${pid}/ns/net`).ino === inode;
  } catch {
    return false;
  }
}

/** Whether a gate is among the tables of a network, `family name` each; `isContainers` where a container's wall may stand. */
export function hasGate(tables: readonly string[], isContainers: boolean): boolean {
  return tables.includes('bridge sentra') || (!isContainers && tables.includes('netdev sentra'));
}

/** Whether anything of Sentra's is among them. Another's table in a network that is no container's may bear the name. */
export function hasSentras(tables: readonly string[], isContainers: boolean): boolean {
  return hasGate(tables, isContainers) || (isContainers && hasWall(tables));
}

/** Whether the tables of a container's own network have a wall among them, or counters. */
export function hasWall(tables: readonly string[]): boolean {
  return tables.includes('inet sentra') || tables.includes('netdev sentra');
}
