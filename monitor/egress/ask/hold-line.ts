import { isIP, isIPv4 } from 'node:net';

/**
 * A packet that no rule decides about: the kernel's own figures, and the name that its address stands
 * for. It is held, or was refused: see `canWait`.
 */
export interface HeldPacket {
  readonly protocol: 'tcp' | 'udp';
  readonly address: string;
  readonly port: number;
  /** Of a placeholder; undefined for any other address. Checked: letters, digits, `-`, `_` and dots. */
  readonly name: string | undefined;
}

/** Whether it is held; a datagram, and what goes to an address of IPv6, was refused and is asked about. */
export function canWait({ protocol, address }: HeldPacket): boolean {
  return protocol === 'tcp' && isIPv4(address);
}

/** One line of the program that holds connections; `inode` is that of the network namespace. */
export type HoldLine =
  | { readonly kind: 'entered'; readonly inode: number }
  | { readonly kind: 'not-entered'; readonly inode: number; readonly reason: string }
  | { readonly kind: 'held'; readonly inode: number; readonly packet: HeldPacket }
  /** Where a held address leads now that its name is allowed; undefined when the name has no address. */
  | {
      readonly kind: 'led';
      readonly inode: number;
      readonly from: string;
      readonly to: string | undefined;
    }
  | { readonly kind: 'left-out'; readonly inode: number; readonly count: number };

/** Understands one line; undefined for one that is none of these. */
export function readHoldLine(line: string): HoldLine | undefined {
  const [verb, second = '', ...rest] = line.split(' ');
  const inode = natural(second);
  if (inode === undefined) return undefined;
  switch (verb) {
    case '+':
      return { kind: 'entered', inode };
    case '!':
      return { kind: 'not-entered', inode, reason: rest.join(' ') };
    case 'h': {
      const packet = readPacket(rest);
      return packet === undefined ? undefined : { kind: 'held', inode, packet };
    }
    case 'm': {
      const [from = '', to = ''] = rest;
      if (!isIPv4(from) || !(to === '-' || isIPv4(to))) return undefined;
      return { kind: 'led', inode, from, to: to === '-' ? undefined : to };
    }
    case '~': {
      const count = natural(rest[0] ?? '');
      return count === undefined ? undefined : { kind: 'left-out', inode, count };
    }
    default:
      return undefined;
  }
}

function readPacket([protocol, address = '', port = '', name = '']: readonly string[]):
  HeldPacket | undefined {
  const number = natural(port);
  if (protocol !== 'tcp' && protocol !== 'udp') return undefined;
  if (isIP(address) === 0 || address.includes('%')) return undefined;
  if (number === undefined || number < 1 || number > 65_535) return undefined;
  if (name === '-') return { protocol, address, port: number, name: undefined };
  return /^[a-z0-9_.-]{1,253}$/.test(name) ? { protocol, address, port: number, name } : undefined;
}

function natural(text: string): number | undefined {
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}
