import { readFileSync, readdirSync, statSync } from 'node:fs';
import type { ContainerId } from '../../model/workload.ts';
import { readNote } from '../wall/wall-record.ts';

/** Containers with a network of their own, by their cgroup, and a process of each in that network. */
export function runningContainers(): ReadonlyMap<ContainerId, number> {
  const found = new Map<ContainerId, number>();
  const own = statSync('/proc/self/ns/net').ino;
  const numbers = readdirSync('/proc').flatMap((name) =>
    /^\d+$/.test(name) ? [Number(name)] : [],
  );
  for (const pid of numbers.sort((one, other) => one - other)) {
    try {
      const cgroup = readFileSync(`/proc/${pid}/cgroup`, 'utf8');
      const id = /[0-9a-f]{64}/.exec(cgroup)?.[0];
      // A resolver's own cgroup bears the container's id too.
      if (id === undefined || cgroup.includes('sentra-egress')) continue;
      const inode = statSync(`/proc/${pid}/ns/net`).ino;
      if (inode === own) continue;
      // A process may have made itself another network; the one that was guarded is known.
      if (!found.has(id) || readNote(id)?.inode === inode) found.set(id, pid);
    } catch {
      // It ended meanwhile.
    }
  }
  return found;
}
