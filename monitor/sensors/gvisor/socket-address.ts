/** Families of sockets: socket(2). */
const families = { unix: 1, ipv4: 2, ipv6: 10 } as const;

function familyOf(address: Uint8Array): number {
  return (address[0] ?? 0) | ((address[1] ?? 0) << 8);
}

/** The path in a socket's address of the family unix; undefined for another. Untrusted. */
export function unixPath(address: Uint8Array): string | undefined {
  if (familyOf(address) !== families.unix) return undefined;
  const path = address.subarray(2);
  const end = path.indexOf(0);
  return Buffer.from(end < 0 ? path : path.subarray(0, end)).toString('utf8');
}

/** The other end in a socket's address of IPv4 or IPv6: `192.0.2.1:80`, `[2001:db8::1]:80`. */
export function peerOf(address: Uint8Array): string | undefined {
  const family = familyOf(address);
  const port = ((address[2] ?? 0) << 8) | (address[3] ?? 0);
  if (family === families.ipv4 && address.length >= 8) {
    return `${address.subarray(4, 8).join('.')}:${port}`;
  }
  if (family !== families.ipv6 || address.length < 24) return undefined;
  const groups = Array.from({ length: 8 }, (_, index) =>
    (((address[8 + 2 * index] ?? 0) << 8) | (address[9 + 2 * index] ?? 0)).toString(16),
  );
  // Written as addresses are: the WHATWG URL standard shortens the longest run of zeros.
  return `${new URL(`http://[${groups.join(':')}]`).hostname}:${port}`;
}
