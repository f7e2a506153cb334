/** A range of IPv4 addresses. The first address after `base` is the gateway. */
export interface Subnet {
  readonly base: number;
  readonly prefix: number;
}

/** Reads `a.b.c.d` as a whole number of 32 bits; undefined when it is no IPv4 address. */
export function parseAddress(text: string): number | undefined {
  const parts = text.split('.');
  if (parts.length !== 4) return undefined;
  let address = 0;
  for (const part of parts) {
    if (!/^\d{1,3}$/.test(part) || Number(part) > 255) return undefined;
    address = address * 256 + Number(part);
  }
  return address;
}

/** Reads `a.b.c.d/n` with n from 8 to 30; undefined when it is no such range. */
export function parseSubnet(text: string): Subnet | undefined {
  const at = text.indexOf('/');
  const address = parseAddress(text.slice(0, at));
  const prefix = Number(text.slice(at + 1));
  if (at < 0 || address === undefined || !Number.isInteger(prefix)) return undefined;
  if (prefix < 8 || prefix > 30) return undefined;
  return { base: address - (address % 2 ** (32 - prefix)), prefix };
}

/** As `a.b.c.d`. */
export function formatAddress(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');
}

/** As `a.b.c.d/n`. */
export function formatSubnet(subnet: Subnet): string {
  return `${formatAddress(subnet.base)}/${subnet.prefix}`;
}

/** Whether a container could have the address: neither the network itself nor its broadcast. */
export function subnetHolds(subnet: Subnet, address: number): boolean {
  const size = 2 ** (32 - subnet.prefix);
  return address > subnet.base && address < subnet.base + size - 1;
}

/** The lowest address that is neither the gateway's nor taken; undefined when there is none. */
export function lowestFree(subnet: Subnet, taken: ReadonlySet<number>): number | undefined {
  const last = subnet.base + 2 ** (32 - subnet.prefix) - 2;
  for (let address = subnet.base + 2; address <= last; address += 1) {
    if (!taken.has(address)) return address;
  }
  return undefined;
}
