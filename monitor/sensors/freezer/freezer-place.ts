import type { ContainerId } from '../../model/workload.ts';
import {
  folderOf,
  type CgroupFolder,
  type CgroupMounts,
  type Membership,
} from '../resource/cgroup-paths.ts';

/** Where the kernel's freezer of one container is, and its account of CPU time. */
export interface FreezerPlace {
  readonly version: 1 | 2;
  /** The container's own folder, whose last part bears its full id. */
  readonly folder: string;
  /** The folder of the process it was found by, where that is beneath. */
  readonly beneath: string | undefined;
  readonly cpu: { readonly version: 1 | 2; readonly folder: string } | undefined;
}

/**
 * The container's freezer, from the membership of one of its processes; undefined unless the path
 * bears the container's full id. What is written to a freezer must never reach another's: an empty
 * or short id would be found in every path, that of the root included.
 */
export function freezerPlaceOf(
  mounts: CgroupMounts,
  membership: Membership,
  container: ContainerId,
): FreezerPlace | undefined {
  const freezer = folderOf(mounts, membership, 'freezer');
  const folder = freezer === undefined ? undefined : ownFolder(freezer, container);
  if (freezer === undefined || folder === undefined) return undefined;
  const accounting = folderOf(mounts, membership, 'cpuacct') ?? folderOf(mounts, membership, 'cpu');
  const cpuFolder = accounting === undefined ? undefined : ownFolder(accounting, container);
  return {
    version: freezer.version,
    folder,
    beneath: freezer.folder === folder ? undefined : freezer.folder,
    cpu:
      accounting === undefined || cpuFolder === undefined
        ? undefined
        : { version: accounting.version, folder: cpuFolder },
  };
}

/** True for a full container id: 64 hexadecimal digits in lower case, and nothing else. */
export function isFullContainerId(container: ContainerId): boolean {
  return /^[0-9a-f]{64}$/.test(container);
}

/**
 * The folder of the container itself, even where the process is in one beneath it, as with an init
 * system inside. Its name is the id, as it is or as in `docker-ID.scope`.
 */
function ownFolder({ folder, path }: CgroupFolder, container: ContainerId): string | undefined {
  if (!isFullContainerId(container)) return undefined;
  const bearsId = (name: string): boolean =>
    name === container || name.endsWith(`-${container}`) || name.endsWith(`-${container}.scope`);
  if (!path.split('/').some(bearsId)) return undefined;
  const names = folder.split('/');
  const at = names.findIndex(bearsId);
  return at < 0 ? undefined : names.slice(0, at + 1).join('/');
}

/**
 * Whether the engine's pause of such a container is the kernel's freezer. Sandboxes with a kernel of
 * their own (gVisor, Kata) are stopped in their own way, and the freezer says nothing of them.
 */
export function freezesByCgroup(runtime: string): boolean {
  return !/runsc|gvisor|kata|firecracker/i.test(runtime);
}
