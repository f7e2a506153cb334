import { closeSync, fstatSync, openSync, readFileSync, statSync } from 'node:fs';
import type { ContainerId } from '../../model/workload.ts';
import { messageOf } from '../../runtime/logger.ts';
import { failed, ok, type Result } from '../../runtime/result.ts';

/** A container's network namespace, held open so that it is the same one until `close`. */
export interface NetworkNamespace {
  readonly descriptor: number;
  readonly inode: number;
  /** Whether ::1 is there to listen on; Docker switches IPv6 off where no network has it. */
  hasIpv6(): boolean;
  /** Interfaces that lead out, with the packets that each has sent since it is there. */
  devices(): ReadonlyMap<string, number>;
  close(): void;
}

/** What the container's processes may do to their own network. */
export interface NetworkPowers {
  /** Change it, so also take walls down. */
  readonly administers: boolean;
  /** Send packets of any form, so also answer in place of somebody else. */
  readonly sendsRaw: boolean;
}

/** CAP_NET_ADMIN and CAP_NET_RAW, by their numbers in capabilities(7). */
const networkAdministration = 12n;
const rawPackets = 13n;

/** ::1 as /proc/PID/net/if_inet6 has it. */
const loopback6 = `${'0'.repeat(31)}1 `;

/** What the kernel may call an interface, less what means something in a ruleset. */
const deviceName = /^[A-Za-z0-9_.@:-]{1,15}$/;

/**
 * Opens the network namespace of the container's main process, if that process still belongs to the
 * container and the namespace is not the machine's own. The failure is a sentence.
 */
export function openNamespace(
  pid: number,
  container: ContainerId,
): Result<NetworkNamespace, string> {
  const folder = folderOf(pid);
  let descriptor: number | undefined;
  try {
    descriptor = openSync(`${folder}/ns/net`, 'r');
    const held = descriptor;
    const { ino: inode } = fstatSync(held);
    const reason = whyNot(folder, container, inode);
    if (reason !== undefined) {
      closeSync(held);
      return failed(reason);
    }
    return ok({
      descriptor: held,
      inode,
      hasIpv6: () => readFileSync(`${folder}/net/if_inet6`, 'utf8').includes(loopback6),
      devices: () => readDevices(readFileSync(`${folder}/net/dev`, 'utf8')),
      close: () => closeSync(held),
    });
  } catch (error) {
    if (descriptor !== undefined) closeSync(descriptor);
    return failed(`Its network namespace cannot be opened: ${messageOf(error)}`);
  }
}

/** The inode of the namespace that `openNamespace` would open, for a reader that opens it by itself. */
export function inodeOfNamespace(pid: number, container: ContainerId): Result<number, string> {
  const folder = folderOf(pid);
  try {
    const { ino: inode } = statSync(`${folder}/ns/net`);
    const reason = whyNot(folder, container, inode);
    return reason === undefined ? ok(inode) : failed(reason);
  } catch (error) {
    return failed(`Its network namespace cannot be found: ${messageOf(error)}`);
  }
}

/**
 * What the container's processes may do to their network, by the bounding set of the main one, beyond
 * which none of them can get. All of it where that is not known.
 */
export function powersOf(pid: number): NetworkPowers {
  let set: string | undefined;
  try {
    set = /^CapBnd:\s*([0-9a-f]+)$/m.exec(readFileSync(`${folderOf(pid)}/status`, 'utf8'))?.[1];
  } catch {
    set = undefined;
  }
  const holds = (capability: bigint): boolean =>
    set === undefined || ((BigInt(`0x${set}`) >> capability) & 1n) === 1n;
  return { administers: holds(networkAdministration), sendsRaw: holds(rawPackets) };
}

/** The uid that the process acts as; root where that is not known. */
export function uidOf(pid: number): number {
  try {
    const status = readFileSync(`${folderOf(pid)}/status`, 'utf8');
    return Number(/^Uid:\s*\d+\s+(\d+)/m.exec(status)?.[1] ?? 0);
  } catch {
    return 0;
  }
}

/** Whether every interface can be named in a ruleset. */
export function areGuardable(devices: readonly string[]): boolean {
  return devices.every((name) => deviceName.test(name));
}

function folderOf(pid: number): string {
  return `/proc/${Math.trunc(pid)}`;
}

/** Read after the namespace: a number that was given to another process is noticed. */
function whyNot(folder: string, container: ContainerId, inode: number): string | undefined {
  if (!readFileSync(`${folder}/cgroup`, 'utf8').includes(container)) {
    return 'The container’s main process is in no control group of its own on this machine: the engine is elsewhere, or its runtime leaves control groups alone (gVisor’s --ignore-cgroups).';
  }
  if (inode === statSync('/proc/self/ns/net').ino) {
    return 'It uses the network of the machine itself, which is not guarded.';
  }
  return undefined;
}

/** Parses /proc/PID/net/dev, proc(5): two lines of headings, then `name: figures`; the tenth is sent. */
function readDevices(text: string): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  for (const line of text.split('\n').slice(2)) {
    const colon = line.lastIndexOf(':');
    const name = line.slice(0, colon).trim();
    if (colon < 0 || name === '' || name === 'lo') continue;
    found.set(
      name,
      Number(
        line
          .slice(colon + 1)
          .trim()
          .split(/\s+/)[9] ?? 0,
      ),
    );
  }
  return found;
}
