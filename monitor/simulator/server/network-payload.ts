import type { Container } from '../container.ts';
import { hardwareAddress } from '../network.ts';
import type { Endpoint, Network } from '../network.ts';
import { formatAddress, formatSubnet } from '../subnet.ts';
import { timestamp } from '../timestamp.ts';
import type { World } from '../world.ts';

/** One network as `GET /networks/{id}` shows it; in the list Docker leaves `Containers` empty. */
export function networkPayload(world: World, network: Network, withContainers: boolean): unknown {
  const containers: Record<string, unknown> = {};
  for (const [id, { link }] of withContainers ? network.members : []) {
    const found = world.containers.find(id);
    if (found.kind !== 'found' || link === undefined) continue;
    const { address } = link;
    const length = network.subnet?.prefix ?? 0;
    containers[id] = {
      Name: found.container.plan.name,
      EndpointID: link.id,
      MacAddress: address === undefined ? '' : hardwareAddress(address),
      IPv4Address: address === undefined ? '' : `${formatAddress(address)}/${length}`,
      IPv6Address: '',
    };
  }
  return {
    Name: network.name,
    Id: network.id,
    Created: timestamp(network.createdAt),
    Scope: 'local',
    Driver: network.driver,
    EnableIPv6: false,
    IPAM: {
      Driver: 'default',
      // Null for the engine's own networks, an object for those that somebody made.
      Options: ['bridge', 'host', 'none'].includes(network.name) ? null : {},
      Config: addressRanges(network),
    },
    Internal: network.internal,
    Attachable: false,
    Ingress: false,
    ConfigFrom: { Network: '' },
    ConfigOnly: false,
    Containers: containers,
    Options: network.name === 'bridge' ? { 'com.docker.network.bridge.name': 'docker0' } : {},
    Labels: {},
  };
}

/** A configured subnet stands without a gateway, one that the engine chose with it. */
function addressRanges(network: Network): unknown[] {
  if (network.subnet === undefined) return [];
  const Subnet = formatSubnet(network.subnet);
  return network.configured || network.name === 'bridge'
    ? [{ Subnet }]
    : [{ Subnet, Gateway: formatAddress(network.subnet.base + 1) }];
}

/** One entry of `NetworkSettings.Networks`. `whole` = as inspect shows it, with names. */
export function endpointPayload(container: Container, endpoint: Endpoint, whole: boolean): unknown {
  const { network, link, aliases, requestedIpv4 } = endpoint;
  const address = link?.address;
  const shortId = container.id.slice(0, 12);
  const hasNames = whole && network.driver === 'bridge' && network.name !== 'bridge';
  return {
    IPAMConfig: requestedIpv4 === undefined ? null : { IPv4Address: requestedIpv4 },
    Links: null,
    Aliases: hasNames ? [...new Set([...aliases, shortId])] : null,
    NetworkID: link === undefined && container.state.status === 'created' ? '' : network.id,
    EndpointID: link?.id ?? '',
    Gateway:
      address === undefined || network.subnet === undefined
        ? ''
        : formatAddress(network.subnet.base + 1),
    IPAddress: address === undefined ? '' : formatAddress(address),
    IPPrefixLen: address === undefined ? 0 : (network.subnet?.prefix ?? 0),
    IPv6Gateway: '',
    GlobalIPv6Address: '',
    GlobalIPv6PrefixLen: 0,
    MacAddress: address === undefined ? '' : hardwareAddress(address),
    DriverOpts: null,
  };
}
