import { statSync } from 'node:fs';
import type { Workload } from '../../model/workload.ts';
import { folderOf, parseMembership, type CgroupMounts } from '../resource/cgroup-paths.ts';
import { expectSystemError, textOf } from '../resource/held-file.ts';

/**
 * The kernel's id of a container's cgroup: the inode of its folder. Undefined where the container's
 * main process is not on this machine, or is in no cgroup of the container: of an engine elsewhere,
 * in a virtual machine, or simulated.
 */
export function cgroupIdOf(
  procFolder: string,
  mounts: CgroupMounts,
  { mainPid, container }: Pick<Workload, 'mainPid' | 'container'>,
): string | undefined {
  if (mainPid === undefined || !Number.isSafeInteger(mainPid) || mainPid < 1) return undefined;
  const text = textOf(`${procFolder}/${mainPid}/cgroup`);
  if (text === undefined) return undefined;
  const folder = folderOf(mounts, parseMembership(text), 'pids')?.folder;
  const at = folder?.indexOf(container) ?? -1;
  if (folder === undefined || at < 0) return undefined;
  // A container may have made cgroups of its own beneath; the engine's is the one that bears its id.
  const end = folder.indexOf('/', at);
  try {
    const { ino } = statSync(end < 0 ? folder : folder.slice(0, end), { bigint: true });
    return ino.toString();
  } catch (error) {
    expectSystemError(error);
    return undefined;
  }
}
