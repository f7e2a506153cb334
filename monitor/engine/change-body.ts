import type { ContainerId } from '../model/workload.ts';
import type { AttachRequest, ContainerChange } from './port.ts';

/** The body of an update call; members left undefined are not sent. */
export function updateBody(change: ContainerChange): Readonly<Record<string, unknown>> {
  const { restartPolicy } = change;
  return withoutUndefined({
    RestartPolicy:
      restartPolicy === undefined
        ? undefined
        : { Name: restartPolicy.name, MaximumRetryCount: restartPolicy.maximumRetryCount },
    Memory: change.memoryBytes,
    MemorySwap: change.memorySwapBytes,
    NanoCpus: change.nanoCpus,
    CpuQuota: change.cpuQuota,
    PidsLimit: change.pidsLimit,
  });
}

/** The body of a call that connects a container to a network, under the names and address asked for. */
export function connectBody(
  container: ContainerId,
  request: AttachRequest,
): Readonly<Record<string, unknown>> {
  const addresses = withoutUndefined({ IPv4Address: request.ipv4, IPv6Address: request.ipv6 });
  return {
    Container: container,
    EndpointConfig: withoutUndefined({
      Aliases: request.aliases,
      Links: request.links,
      IPAMConfig: Object.keys(addresses).length === 0 ? undefined : addresses,
    }),
  };
}

function withoutUndefined(
  members: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}
