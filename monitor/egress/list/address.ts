import { isIPv4, isIPv6 } from 'node:net';

/** An address as a number, to compare it with ranges. */
export interface AddressValue {
  readonly family: 4 | 6;
  readonly value: bigint;
}

/** Understands an address without a zone; undefined for anything else. */
export function addressValue(text: string): AddressValue | undefined {
  if (isIPv4(text)) return { family: 4, value: ofFour(text) };
  if (!isIPv6(text) || text.includes('%')) return undefined;
  const [head = '', tail] = text.split('::');
  const before = groups(head);
  const after = tail === undefined ? [] : groups(tail);
  const zeros = tail === undefined ? 0 : 8 - before.length - after.length;
  const all = [...before, ...Array.from({ length: zeros }, () => 0n), ...after];
  return { family: 6, value: all.reduce((sum, group) => (sum << 16n) | group, 0n) };
}

/** The address in its one short spelling (RFC 5952), which for IPv6 the URL parser knows. */
export function addressText({ family, value }: AddressValue): string {
  if (family === 4) return [24n, 16n, 8n, 0n].map((by) => (value >> by) & 255n).join('.');
  const words = Array.from({ length: 8 }, (_, index) =>
    ((value >> BigInt(112 - 16 * index)) & 0xffffn).toString(16),
  );
  const { hostname } = new URL(`http://[${words.join(':')}]/`);
  return hostname.slice(1, -1);
}

function ofFour(text: string): bigint {
  return text.split('.').reduce((sum, part) => (sum << 8n) | BigInt(part), 0n);
}

/** The groups of 16 bits in a part of an IPv6 address; the last may be an IPv4 address. */
function groups(text: string): bigint[] {
  if (text === '') return [];
  return text.split(':').flatMap((part) => {
    if (!part.includes('.')) return [BigInt(`0x${part}`)];
    const four = ofFour(part);
    return [four >> 16n, four & 0xffffn];
  });
}

/** Ranges with something at each; asks which of them an address lies in. */
export interface RangeIndex<Item> {
  /** What is at the ranges that the address lies in, the narrowest first. */
  at(address: AddressValue): readonly Item[];
}

/** `range` is in CIDR notation; a lookup takes as many steps as there are lengths of prefixes. */
export function indexRanges<Item>(
  entries: Iterable<{ readonly range: string; readonly item: Item }>,
): RangeIndex<Item> {
  const byLength = new Map<string, Map<bigint, Item[]>>();
  for (const { range, item } of entries) {
    const [text = '', prefix = ''] = range.split('/');
    const address = addressValue(text);
    if (address === undefined) continue;
    const { family, value } = address;
    const key = `${family}/${prefix}`;
    const starts = byLength.get(key) ?? new Map<bigint, Item[]>();
    byLength.set(key, starts);
    const start = value >> shiftOf(family, Number(prefix));
    const known = starts.get(start);
    if (known === undefined) starts.set(start, [item]);
    else known.push(item);
  }
  const lengths = [...byLength]
    .map(([key, starts]) => ({ family: Number(key[0]), length: Number(key.slice(2)), starts }))
    .sort((one, other) => other.length - one.length);
  return {
    at: ({ family, value }) =>
      lengths.flatMap((each) =>
        each.family === family
          ? (each.starts.get(value >> shiftOf(family, each.length)) ?? [])
          : [],
      ),
  };
}

function prefixOf(range: string): number {
  return Number(range.split('/')[1]);
}

function shiftOf(family: 4 | 6, length: number): bigint {
  return BigInt((family === 4 ? 32 : 128) - length);
}

/** Addresses of groups, to which nothing gets out, whatever the list says: see `wall/ruleset.ts`. */
export const groupRanges = { 4: '224.0.0.0/4', 6: 'ff00::/8' } as const;

/**
 * What is reached by an address rule only, never by a name: the machine itself, the link, groups, and
 * where clouds tell an instance its secrets: on the link, at Alibaba, Azure and Oracle, at AWS and Google
 * over IPv6, and on the link through a translation of addresses (RFC 6052).
 */
export const specialRanges = {
  4: [
    ...['0.0.0.0/8', '127.0.0.0/8', '169.254.0.0/16', '224.0.0.0/4', '255.255.255.255/32'],
    ...['100.100.100.200/32', '168.63.129.16/32', '192.0.0.0/24'],
  ],
  6: ['fe80::/10', 'ff00::/8', 'fd00:ec2::/32', 'fd20:ce::254/128', '64:ff9b::a9fe:0/112'],
} as const;

const special = indexRanges(
  [...specialRanges[4], ...specialRanges[6]].map((range) => ({ range, item: range })),
);

const groupIndex = indexRanges(
  [groupRanges[4], '255.255.255.255/32', groupRanges[6]].map((range) => ({
    range,
    item: prefixOf(range),
  })),
);

const inside = indexRanges(
  [
    ...['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', '127.0.0.0/8'],
    ...['169.254.0.0/16', '0.0.0.0/8', '::1/128', 'fc00::/7', 'fe80::/10'],
  ].map((range) => ({ range, item: range })),
);

/** Whether it lies in one of the `specialRanges`. */
export function isSpecial(address: AddressValue): boolean {
  return special.at(address).length > 0;
}

/** Whether it is the address of a group; where a network ends, which is one too, is not known here. */
export function isGroup(address: AddressValue): boolean {
  return groupIndex.at(address).length > 0;
}

/** The same of every address in the range, which is in CIDR notation. */
export function isGroupRange(range: string): boolean {
  const first = addressValue(range.split('/')[0] ?? '');
  return first !== undefined && groupIndex.at(first).some((length) => length <= prefixOf(range));
}

/** An address that the internet does not route: a name leads there only where its rule says `local`. */
export function isPrivate(address: AddressValue): boolean {
  return inside.at(address).length > 0;
}
