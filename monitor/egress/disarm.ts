import { readFileSync, readdirSync, statSync } from 'node:fs';
import type { ContainerId } from '../model/workload.ts';
import { createNativeCarrier } from './native-carrier.ts';
import { findResolverCgroups, removeParentCgroup } from './resolver-cgroup.ts';
import { notedContainers, readNote } from './wall-record.ts';

/** What was found around a container, and what became of it. */
export interface Disarmed {
  readonly container: ContainerId;
  /** Undefined when nothing of Sentra's is left; else why something is, a sentence. */
  readonly failure: string | undefined;
}

/**
 * Takes every wall and resolver of this machine away, whoever put it up, without a monitor, a record or
 * a list: by the notes about them and the resolvers' cgroups, and by the name of the table.
 */
export async function disarmAll(toolFolders?: readonly string[]): Promise<readonly Disarmed[]> {
  const carrier = createNativeCarrier(toolFolders);
  const marked = new Set([...notedContainers(), ...findResolverCgroups().keys()]);
  const running = runningContainers();
  const disarmed: Disarmed[] = [];
  for (const container of new Set([...marked, ...running.keys()])) {
    const pid = running.get(container);
    if (pid === undefined) {
      await carrier.forget(container);
      disarmed.push({ container, failure: undefined });
      continue;
    }
    const place = { container, pid };
    const before = await carrier.read(place);
    const hasNothing = before.ok && before.value.listing === undefined;
    if (hasNothing && !marked.has(container)) continue;
    const removed = await carrier.remove(place);
    const after = removed.ok ? await carrier.read(place) : removed;
    const isLeft = after.ok && after.value.listing !== undefined;
    const failure = isLeft ? 'Its tables are still there.' : undefined;
    disarmed.push({ container, failure: after.ok ? failure : after.error });
  }
  removeParentCgroup();
  return disarmed;
}

/** Ends the resolvers of containers that ended while nobody watched; walls end by themselves. */
export async function forgetEnded(): Promise<void> {
  const carrier = createNativeCarrier();
  const running = runningContainers();
  for (const container of new Set([...notedContainers(), ...findResolverCgroups().keys()])) {
    if (!running.has(container)) await carrier.forget(container);
  }
}

/** Containers with a network of their own, by their cgroup, and a process of each in that network. */
function runningContainers(): ReadonlyMap<ContainerId, number> {
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
