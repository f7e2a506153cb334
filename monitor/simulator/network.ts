import { errorReply } from './server/reply.ts';
import type { Reply } from './server/reply.ts';
import { formatAddress, lowestFree, parseAddress, subnetHolds } from './subnet.ts';
import type { Subnet } from './subnet.ts';

/** Bytes and packets of one interface since it came up. Fractions are kept, and dropped when shown. */
export interface Traffic {
  receivedBytes: number;
  sentBytes: number;
  receivedPackets: number;
  sentPackets: number;
}

/** A container's end on a network. `link` is there only while the container runs. */
export interface Endpoint {
  readonly network: Network;
  readonly aliases: readonly string[];
  /** The address asked for, kept over restarts. */
  readonly requestedIpv4: string | undefined;
  link: Link | undefined;
}

/** The live half of an endpoint. */
export interface Link {
  readonly id: string;
  readonly address: number | undefined;
  readonly interfaceName: string;
  readonly traffic: Traffic;
}

export interface Network {
  readonly id: string;
  readonly name: string;
  readonly driver: 'bridge' | 'host' | 'null';
  readonly createdAt: number;
  readonly subnet: Subnet | undefined;
  /** Whether the subnet was configured by the person, so that addresses can be asked for. */
  readonly configured: boolean;
  readonly internal: boolean;
  /** Live endpoints by the container's id. */
  readonly members: Map<string, Endpoint>;
  readonly taken: Set<number>;
}

/** Why an endpoint cannot be made, as Docker answers it; undefined when it can. */
export function endpointRefusal(network: Network, ipv4: string | undefined): Reply | undefined {
  if (ipv4 === undefined) return undefined;
  if (network.name === 'bridge') {
    return errorReply(400, 'user specified IP address is supported on user defined networks only');
  }
  if (!network.configured || network.subnet === undefined) {
    return errorReply(
      400,
      'user specified IP address is supported only when connecting to networks with user configured subnets',
    );
  }
  const address = parseAddress(ipv4);
  if (address === undefined) return errorReply(400, `invalid IPv4 address: ${ipv4}`);
  if (!subnetHolds(network.subnet, address)) {
    return errorReply(
      500,
      `Invalid address ${ipv4}: It does not belong to any of this network's subnets`,
    );
  }
  return network.taken.has(address) ? errorReply(403, 'Address already in use') : undefined;
}

/** Brings an endpoint up: an address, an interface, counters at zero. Undefined when it worked. */
export function linkUp(
  endpoint: Endpoint,
  container: string,
  linkId: string,
  interfaceName: string,
): Reply | undefined {
  const { network } = endpoint;
  const refusal = endpointRefusal(network, endpoint.requestedIpv4);
  if (refusal !== undefined) return refusal;
  let address: number | undefined;
  if (network.subnet !== undefined) {
    address =
      endpoint.requestedIpv4 === undefined
        ? lowestFree(network.subnet, network.taken)
        : parseAddress(endpoint.requestedIpv4);
    if (address === undefined) {
      return errorReply(403, "no available IPv4 addresses on this network's address pools");
    }
    network.taken.add(address);
  }
  const traffic = { receivedBytes: 0, sentBytes: 0, receivedPackets: 0, sentPackets: 0 };
  endpoint.link = { id: linkId, address, interfaceName, traffic };
  network.members.set(container, endpoint);
  return undefined;
}

/** Takes an endpoint down; its address is free again. */
export function linkDown(endpoint: Endpoint, container: string): void {
  if (endpoint.link?.address !== undefined) endpoint.network.taken.delete(endpoint.link.address);
  endpoint.network.members.delete(container);
  endpoint.link = undefined;
}

/** The hardware address that Docker derives from the IPv4 address. */
export function hardwareAddress(address: number): string {
  const parts = formatAddress(address)
    .split('.')
    .map((part) => Number(part).toString(16).padStart(2, '0'));
  return ['02', '42', ...parts].join(':');
}
