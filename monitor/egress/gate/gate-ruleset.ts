/** What a gate is made of: indexes and names of interfaces in the engine's network namespace. */
export interface GateSite {
  /** Bridges of networks with guarded containers on them. */
  readonly bridges: readonly string[];
  /** Every port of those bridges. */
  readonly ports: readonly number[];
  /** The ports among them that are let through. */
  readonly open: readonly number[];
}

/** Between a bridge and the interface of the same bridge, and wiped there: nobody else sees it. */
const openMark = '0x53470001';

/**
 * The gate as input for `nft -f`, in one transaction. A frame from a port that is not open is dropped
 * on its way to another port of a guarded bridge, and on its way up into the engine's host; this
 * kernel's bridge tables cannot be asked which bridge a port is of, so the second is decided at the
 * bridge's own interface, by a mark that open ports give. An index is given to no other interface
 * while the engine's host runs, and a container cannot choose it, as it could a hardware address.
 */
export function compileGate({ bridges, ports, open }: GateSite): string {
  const set = (name: string, items: readonly number[]): string =>
    `set ${name} { type iface_index;${items.length === 0 ? '' : ` elements = { ${items.join(', ')} }`} }`;
  const devices = bridges.map((name) => `"${name}"`).join(', ');
  return [
    removal('bridge'),
    'table bridge sentra {',
    'counter held { }',
    set('ports', ports),
    set('open', open),
    'chain between {',
    'type filter hook forward priority -300; policy accept;',
    'iif @open accept',
    'oif @ports counter name held drop',
    '}',
    'chain up {',
    'type filter hook input priority -300; policy accept;',
    `iif @open meta mark set ${openMark}`,
    '}',
    '}',
    removal('netdev'),
    ...(bridges.length === 0
      ? []
      : [
          'table netdev sentra {',
          'counter heldback { }',
          'chain arrivals {',
          `type filter hook ingress devices = { ${devices} } priority -300; policy drop;`,
          `meta mark ${openMark} meta mark set 0 accept`,
          'counter name heldback',
          '}',
          '}',
        ]),
    '',
  ].join('\n');
}

function removal(family: string): string {
  return `add table ${family} sentra\ndelete table ${family} sentra`;
}

/** Takes the gate away. */
export const gateRemoval = `${removal('bridge')}\n${removal('netdev')}\n`;
