import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmdirSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join, relative } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { ContainerId } from '../../model/workload.ts';
import { messageOf } from '../../runtime/logger.ts';
import { failed, ok, type Result } from '../../runtime/result.ts';

/** Where nft looks for cgroups that a rule names. */
const folderOfNft = '/sys/fs/cgroup';

/** The cgroup above those of all resolvers; no process of a container can move itself into it. */
const parent = 'sentra-egress';

/**
 * The cgroup that holds a container's resolver and nothing else. A rule lets through what belongs to
 * it: a uid or a mark could be taken on by a process in the container, this cannot.
 */
export interface ResolverCgroup {
  /** As nft names it, and its depth in the hierarchy. */
  readonly path: string;
  readonly level: number;
  take(pid: number): void;
  /** The processes in it now. */
  pids(): readonly number[];
  /** Ends what is in it, but for that process. */
  clear(spared?: number): Promise<void>;
  /** Ends what is in it, and removes it. */
  remove(): Promise<void>;
}

/** The mount point, once it was found: it is asked for with each look. */
let hierarchyFound: string | undefined;

/** The mount point of the cgroup v2 hierarchy below /sys/fs/cgroup, or why there is none. */
function findHierarchy(): Result<string, string> {
  if (hierarchyFound !== undefined && existsSync(join(hierarchyFound, 'cgroup.procs'))) {
    return ok(hierarchyFound);
  }
  const lines = readFileSync('/proc/self/mountinfo', 'utf8').split('\n');
  for (const line of lines) {
    const [left, right] = line.split(' - ', 2);
    const [, , , root, mountPoint = ''] = (left ?? '').split(' ');
    const isBelow = mountPoint === folderOfNft || mountPoint.startsWith(`${folderOfNft}/`);
    if (right?.startsWith('cgroup2 ') !== true || root !== '/' || !isBelow) continue;
    hierarchyFound = mountPoint;
    return ok(mountPoint);
  }
  return failed('This machine has no cgroup v2 hierarchy at /sys/fs/cgroup.');
}

/** The container's cgroup, made when it is not there. */
export function openResolverCgroup(container: ContainerId): Result<ResolverCgroup, string> {
  const hierarchy = findHierarchy();
  if (!hierarchy.ok) return hierarchy;
  const folder = join(hierarchy.value, parent, container);
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    return failed(`The resolver's cgroup could not be made: ${messageOf(error)}`);
  }
  return ok(cgroupAt(folder));
}

/** The processes in the container's cgroup for its resolver; none where there is no such cgroup. */
export function resolverPids(container: ContainerId): readonly number[] {
  const hierarchy = findHierarchy();
  return hierarchy.ok ? cgroupAt(join(hierarchy.value, parent, container)).pids() : [];
}

/**
 * The inode of the container's cgroup for its resolver; 0 where there is none. One that was removed and
 * made again is another one to the kernel's rules.
 */
export function resolverCgroupInode(container: ContainerId): number {
  const hierarchy = findHierarchy();
  if (!hierarchy.ok) return 0;
  const folder = join(hierarchy.value, parent, container);
  return statSync(folder, { throwIfNoEntry: false })?.ino ?? 0;
}

/** The cgroups of resolvers that are there, whoever made them, by container. */
export function findResolverCgroups(): ReadonlyMap<ContainerId, ResolverCgroup> {
  const hierarchy = findHierarchy();
  if (!hierarchy.ok) return new Map();
  const above = join(hierarchy.value, parent);
  if (!existsSync(above)) return new Map();
  return new Map(
    readdirSync(above, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && /^[0-9a-f]{64}$/.test(entry.name))
      .map((entry) => [entry.name, cgroupAt(join(above, entry.name))]),
  );
}

/** Removes the cgroup above, when no container has one any more. */
export function removeParentCgroup(): void {
  const hierarchy = findHierarchy();
  if (!hierarchy.ok) return;
  try {
    rmdirSync(join(hierarchy.value, parent));
  } catch {
    // Not there, or another monitor's resolvers are in it.
  }
}

function cgroupAt(folder: string): ResolverCgroup {
  const list = join(folder, 'cgroup.procs');

  function pids(): readonly number[] {
    try {
      return readFileSync(list, 'utf8').split('\n').filter(Boolean).map(Number);
    } catch {
      return [];
    }
  }

  async function clear(spared?: number): Promise<void> {
    for (let tries = 0; tries < 100; tries += 1) {
      const found = pids().filter((pid) => pid > 1 && pid !== process.pid && pid !== spared);
      if (found.length === 0) return;
      for (const pid of found) endProcess(pid);
      // Nearly always it is gone at once, and nobody resolves names meanwhile.
      await delay(tries < 10 ? 1 : 10);
    }
  }

  return {
    path: relative(folderOfNft, folder),
    level: 2,
    take: (pid) => writeFileSync(list, String(pid)),
    pids,
    clear,
    async remove() {
      await clear();
      if (existsSync(folder)) rmdirSync(folder);
    },
  };
}

function endProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended meanwhile.
  }
}
