import { constants } from 'node:os';
import { posix } from 'node:path';

const errorNames = new Map(Object.entries(constants.errno).map(([name, value]) => [value, name]));

/** The name of the error that a call's result means; undefined for a success. */
export function errorOf(result: number): string | undefined {
  if (result >= 0 || result < -4095) return undefined;
  // ENOSYS and its like have the same numbers on all architectures that are watched.
  return errorNames.get(-result) ?? `errno ${-result}`;
}

const socketFamilies: Readonly<Record<string, string>> = { 2: 'IPv4', 10: 'IPv6', 17: 'packet' };

/** What a socket call asked for: `packet`, `raw IPv4 ICMP`, `raw IPv4 255`. */
export function socketInWords(family: string, protocol: string): string {
  const name = socketFamilies[family] ?? family;
  if (family === '17') return name;
  const isPing = (family === '2' && protocol === '1') || (family === '10' && protocol === '58');
  return `raw ${name} ${isPing ? 'ICMP' : protocol}`;
}

/** O_WRONLY and O_RDWR of open(2), in the flags as the kernel sensor hands them over. */
export function opensForWriting(flags: string): boolean {
  return (BigInt(flags) & 3n) !== 0n;
}

/** A path without its detours: `../etc//shadow` is `/etc/shadow`, for the folder it starts in is not known. */
export function clearedPath(path: string): string {
  return posix.normalize(path).replace(/^(?:\.\.\/)+/, '/');
}

/** Whether a path leads to the memory of the process itself. */
export function isOwnMemory(path: string, self: number): boolean {
  return (
    path === '/proc/self/mem' || path === '/proc/thread-self/mem' || path === `/proc/${self}/mem`
  );
}
