import { closeSync, fstatSync, openSync, readFileSync, statSync } from 'node:fs';
import type { ContainerId } from '../model/workload.ts';
import { messageOf } from '../runtime/logger.ts';
import { failed, ok, type Result } from '../runtime/result.ts';

/** A container's network namespace, held open so that it is the same one until `close`. */
export interface NetworkNamespace {
  readonly descriptor: number;
  readonly inode: number;
  /** Interfaces that lead out. */
  readonly devices: readonly string[];
  /** Whether ::1 is there to listen on; Docker switches IPv6 off where no network has it. */
  readonly hasIpv6: boolean;
  /** Whether the container's processes may change the namespace, so also take walls down. */
  readonly canBeChangedFromInside: boolean;
  close(): void;
}

/** CAP_NET_ADMIN, by its number in capabilities(7). */
const networkAdministration = 12;

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
  procFolder = '/proc',
): Result<NetworkNamespace, string> {
  const folder = `${procFolder}/${Math.trunc(pid)}`;
  let descriptor: number | undefined;
  try {
    descriptor = openSync(`${folder}/ns/net`, 'r');
    const held = descriptor;
    // Read after the namespace was opened: a number that was given to another process is noticed.
    if (!readFileSync(`${folder}/cgroup`, 'utf8').includes(container)) {
      closeSync(held);
      return failed('The container’s main process is not on this machine.');
    }
    const inode = fstatSync(held).ino;
    if (inode === statSync(`${procFolder}/self/ns/net`).ino) {
      closeSync(held);
      return failed('It uses the network of the machine itself, which is not guarded.');
    }
    const status = readFileSync(`${folder}/status`, 'utf8');
    const devices = readDevices(readFileSync(`${folder}/net/dev`, 'utf8'));
    return ok({
      descriptor: held,
      inode,
      devices,
      hasIpv6: readFileSync(`${folder}/net/if_inet6`, 'utf8').includes(loopback6),
      canBeChangedFromInside: mayAdministrate(status),
      close: () => closeSync(held),
    });
  } catch (error) {
    if (descriptor !== undefined) closeSync(descriptor);
    return failed(`Its network namespace cannot be opened: ${messageOf(error)}`);
  }
}

/** Whether every interface can be named in a ruleset. */
export function areGuardable(devices: readonly string[]): boolean {
  return devices.every((name) => deviceName.test(name));
}

/** Parses /proc/PID/net/dev, proc(5): two lines of headings, then `name: figures`. */
function readDevices(text: string): readonly string[] {
  return text
    .split('\n')
    .slice(2)
    .flatMap((line) => {
      const name = line.slice(0, line.lastIndexOf(':')).trim();
      return name === '' || name === 'lo' ? [] : [name];
    })
    .sort();
}

/** By the bounding set: what no process in the container can ever get beyond. */
function mayAdministrate(status: string): boolean {
  const set = /^CapBnd:\s*([0-9a-f]+)$/m.exec(status)?.[1];
  if (set === undefined) return true;
  return ((BigInt(`0x${set}`) >> BigInt(networkAdministration)) & 1n) === 1n;
}
