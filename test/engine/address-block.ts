import { readFileSync } from 'node:fs';
import { run } from './command.ts';

/** A range of IPv4 addresses, first and last included, as plain numbers. */
export interface AddressRange {
  readonly first: number;
  readonly last: number;
}

/** The range that a text such as `10.1.2.0/24` or `10.1.2.3` names; `undefined` when it is none. */
export function parseRange(text: string): AddressRange | undefined {
  const match = /^(\d+)\.(\d+)\.(\d+)\.(\d+)(?:\/(\d+))?$/.exec(text);
  if (match === null) return undefined;
  const numbers = match.slice(1, 5).map(Number);
  const bits = match[5] === undefined ? 32 : Number(match[5]);
  if (bits > 32 || numbers.some((number) => number > 255)) return undefined;
  const address = numbers.reduce((sum, number) => sum * 256 + number, 0);
  const size = 2 ** (32 - bits);
  const first = address - (address % size);
  return { first, last: first + size - 1 };
}

/** The addresses of an engine within 10.`block`.0.0/16. */
export function addressesOf(block: number): {
  /** The host's end of the pair, where the engine's containers reach the host. */
  host: string;
  /** The engine's end, where published ports are. */
  engine: string;
  /** Address and prefix of the default bridge. */
  bridge: string;
  /** From where user-defined networks get theirs, 24 bits each. */
  pool: string;
  /**
   * First and last port that it publishes by itself: of its own, so that two engines' ports can be led
   * to one loopback, and below those that a machine uses for its own connections.
   */
  ports: readonly [number, number];
} {
  const port = 10_000 + 400 * (block - 200);
  return {
    host: `10.${block}.1.1`,
    engine: `10.${block}.1.2`,
    bridge: `10.${block}.0.1/24`,
    pool: `10.${block}.128.0/17`,
    ports: [port, port + 399],
  };
}

const interfaces = (json: string) =>
  JSON.parse(json) as { addr_info?: { local?: string; prefixlen?: number }[] }[];
const routes = (json: string) => JSON.parse(json) as { dst?: string }[];

/**
 * A block whose addresses the host neither has, nor routes anywhere, nor asks for names, and which
 * is not among `taken`. Throws when every one of 10.200 to 10.249 is in use.
 */
export async function chooseBlock(taken: ReadonlySet<number>): Promise<number> {
  const texts = readFileSync('/etc/resolv.conf', 'utf8')
    .split('\n')
    .map((line) => /^\s*nameserver\s+(\S+)/.exec(line)?.[1]);
  for (const { addr_info } of interfaces(await run('ip', ['-j', '-4', 'addr']))) {
    for (const { local, prefixlen } of addr_info ?? []) {
      if (local !== undefined) texts.push(`${local}/${prefixlen ?? 32}`);
    }
  }
  // The list of all tables includes the default route, which takes no address from anybody.
  const listed = await run('ip', ['-j', '-4', 'route', 'show', 'table', 'all']);
  texts.push(...routes(listed).map(({ dst }) => dst));
  const used = texts
    .filter((text) => text !== undefined)
    .map(parseRange)
    .filter((range) => range !== undefined);
  for (let block = 200; block < 250; block++) {
    const range = parseRange(`10.${block}.0.0/16`);
    if (range === undefined || taken.has(block)) continue;
    // Very wide routes (10.0.0.0/8 of a VPN) are let be: ours are more specific, and short-lived.
    const clash = used.some(
      ({ first, last }) => first <= range.last && last >= range.first && last - first < 2 ** 24 - 1,
    );
    if (!clash) return block;
  }
  throw new Error('No free address range from 10.200.0.0/16 to 10.249.0.0/16 for a test engine.');
}

/** The devices through which the host reaches the outside and its name servers. */
export async function uplinks(): Promise<{ devices: string[]; mtu: number }> {
  const targets = readFileSync('/etc/resolv.conf', 'utf8')
    .split('\n')
    .map((line) => /^\s*nameserver\s+(\d+\.\d+\.\d+\.\d+)\s*$/.exec(line)?.[1])
    .filter((address) => address !== undefined && !address.startsWith('127.'));
  const devices = new Set<string>();
  const lists = ['default', ...targets].map(async (target) => {
    const command = target === 'default' ? ['show', 'default'] : ['get', String(target)];
    const text = await run('ip', ['-j', '-4', 'route', ...command]).catch(() => '[]');
    return JSON.parse(text || '[]') as { dev?: string }[];
  });
  for (const { dev } of (await Promise.all(lists)).flat()) {
    if (dev !== undefined && dev !== 'lo') devices.add(dev);
  }
  let mtu = 1500;
  for (const device of devices) {
    mtu = Math.min(mtu, Number(readFileSync(`/sys/class/net/${device}/mtu`, 'utf8')));
  }
  return { devices: [...devices], mtu };
}
