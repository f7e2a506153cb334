import * as z from 'zod';
import { isAlive, sharesNetwork } from '../container.ts';
import type { Container } from '../container.ts';
import { bringUp, emitNetworkEvent, takeDown } from '../lifecycle.ts';
import { endpointRefusal } from '../network.ts';
import type { Endpoint, Network } from '../network.ts';
import { errorReply } from './reply.ts';
import type { Reply } from './reply.ts';
import { settleUsage } from '../usage.ts';
import type { World } from '../world.ts';

/** Body of `POST /networks/{id}/connect`, as far as it is simulated. */
export const connectBody = z.object({
  Container: z.string(),
  EndpointConfig: z
    .object({
      Aliases: z.array(z.string()).nullish(),
      IPAMConfig: z.object({ IPv4Address: z.string().nullish() }).nullish(),
    })
    .nullish(),
});

/** Body of `POST /networks/{id}/disconnect`. */
export const disconnectBody = z.object({ Container: z.string(), Force: z.boolean().nullish() });

const connected: Reply = { kind: 'empty', status: 200 };
const hostRefusal =
  'container cannot be disconnected from host network or connected to host network';

function findEndpoint(container: Container, network: Network): Endpoint | undefined {
  return container.endpoints.find((endpoint) => endpoint.network === network);
}

/** Attaches a container to a network, with the names and the address asked for. */
export function connectContainer(
  world: World,
  network: Network,
  container: Container,
  body: z.infer<typeof connectBody>,
): Reply {
  if (network.driver === 'host') return errorReply(400, hostRefusal);
  if (sharesNetwork(container.plan)) {
    return errorReply(
      400,
      'container sharing network namespace with another container or host cannot be connected to any other network',
    );
  }
  // One that was detached from `none` first can be attached to another network.
  const isPrivate = container.endpoints.some((other) => other.network.driver === 'null');
  if (isPrivate || (network.driver === 'null' && container.endpoints.length > 0)) {
    return errorReply(
      400,
      'container cannot be connected to multiple networks with one of the networks in private (none) mode',
    );
  }
  if (findEndpoint(container, network) !== undefined) {
    const { name } = container.plan;
    return errorReply(403, `endpoint with name ${name} already exists in network ${network.name}`);
  }
  const aliases = body.EndpointConfig?.Aliases ?? [];
  if (aliases.length > 0 && network.name === 'bridge') {
    return errorReply(
      400,
      'network-scoped alias is supported only for containers in user defined networks',
    );
  }
  const asked = body.EndpointConfig?.IPAMConfig?.IPv4Address ?? '';
  const requestedIpv4 = asked === '' ? undefined : asked;
  const refusal = endpointRefusal(network, requestedIpv4);
  if (refusal !== undefined) return refusal;
  settleUsage(container, world.time.now(), world.settings);
  const endpoint: Endpoint = { network, aliases, requestedIpv4, link: undefined };
  if (isAlive(container)) {
    const failure = bringUp(world, container, endpoint);
    if (failure !== undefined) return failure;
  }
  container.endpoints.push(endpoint);
  return connected;
}

/** Detaches a container from a network. Docker tells of it twice when the container runs. */
export function disconnectContainer(world: World, network: Network, container: Container): Reply {
  if (network.driver === 'host') return errorReply(400, hostRefusal);
  const endpoint = findEndpoint(container, network);
  if (endpoint === undefined) {
    const reason = `container ${container.id} is not connected to network ${network.name}`;
    return errorReply(500, reason);
  }
  settleUsage(container, world.time.now(), world.settings);
  if (endpoint.link !== undefined) {
    takeDown(world, container, endpoint);
    emitNetworkEvent(world, endpoint, container, 'disconnect');
  }
  container.endpoints = container.endpoints.filter((other) => other !== endpoint);
  return connected;
}
