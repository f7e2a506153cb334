import type { DetachedNetwork, UndoNotes } from '../model/containment.ts';
import type { ContainerDetail, NetworkEndpoint } from '../engine/port.ts';

/** Nothing to put back. */
export const nothingToUndo: UndoNotes = {
  pausedBySentra: false,
  networks: [],
  restartPolicy: undefined,
  limits: undefined,
};

/** What is written down about a network before it is detached. */
export function networkNote(endpoint: NetworkEndpoint, container: string): DetachedNetwork {
  return {
    networkId: endpoint.networkId,
    networkName: endpoint.networkName,
    // The engine gives every container its short id as an alias by itself.
    aliases: endpoint.aliases.filter((alias) => alias !== container.slice(0, 12)),
    ...(endpoint.links === undefined ? {} : { links: endpoint.links }),
    ipv4: endpoint.ipv4,
    ipv6: endpoint.ipv6,
    ...(endpoint.isAddressGiven === true ? { isAddressGiven: true } : {}),
    addressCanReturn: false,
  };
}

/**
 * False for the end of a container that has not run since it was attached: the engine tells only the
 * network's name, and gives it an end when it starts. Nothing leaves by it until then.
 */
export function isKnownToEngine(endpoint: NetworkEndpoint): boolean {
  return endpoint.networkId !== '';
}

/** The engine's own network, which it makes anew, with another id, each time it starts. */
export const ownBridge = 'bridge';

/** The container's end on that network, if it has one. */
export function endpointOn(
  detail: ContainerDetail,
  network: DetachedNetwork,
): NetworkEndpoint | undefined {
  return detail.endpoints.find((endpoint) =>
    isKnownToEngine(endpoint) && network.networkName !== ownBridge
      ? endpoint.networkId === network.networkId
      : endpoint.networkName === network.networkName,
  );
}

/**
 * The notes with the networks that it is attached to added, and the ports that it publishes; what is
 * noted already keeps its note.
 */
export function withNetworks(notes: UndoNotes, detail: ContainerDetail): UndoNotes {
  const { endpoints, publishedPorts = {} } = detail;
  const { container } = detail.workload;
  const noted = new Set(notes.networks.map((network) => network.networkId));
  const hasBridge = notes.networks.some(({ networkName }) => networkName === ownBridge);
  const added = endpoints
    .filter((endpoint) => isKnownToEngine(endpoint) && !noted.has(endpoint.networkId))
    .filter(({ networkName }) => networkName !== ownBridge || !hasBridge)
    .map((endpoint) => networkNote(endpoint, container));
  if (added.length === 0) return notes;
  const ports = { ...publishedPorts, ...notes.ports };
  const withPorts = Object.keys(ports).length === 0 ? {} : { ports };
  return { ...notes, networks: [...notes.networks, ...added], ...withPorts };
}

/** The notes with what is known about whether addresses can be asked for again, by network id. */
export function withSubnets(notes: UndoNotes, subnets: ReadonlyMap<string, boolean>): UndoNotes {
  return {
    ...notes,
    networks: notes.networks.map((network) => ({
      ...network,
      addressCanReturn: subnets.get(network.networkId) ?? network.addressCanReturn,
    })),
  };
}

/** The notes with the restart policy found; `no` adds nothing, it is what is set while held. */
export function withRestartPolicy(notes: UndoNotes, detail: ContainerDetail): UndoNotes {
  if (!restartsByItself(detail)) return notes;
  return { ...notes, restartPolicy: detail.restartPolicy };
}

/** The notes with the limits found; those noted first stay, they are the ones to go back to. */
export function withLimits(notes: UndoNotes, detail: ContainerDetail): UndoNotes {
  if (notes.limits !== undefined) return notes;
  return {
    ...notes,
    limits: {
      memoryBytes: positive(detail.memoryLimitBytes),
      nanoCpus: positive(detail.nanoCpus),
      ...(detail.cpuQuota === undefined ? {} : { cpuQuota: detail.cpuQuota.quota }),
      pids: positive(detail.pidsLimit),
    },
  };
}

/** True when the engine would start the container again by itself. */
export function restartsByItself(detail: ContainerDetail): boolean {
  const { name } = detail.restartPolicy;
  return name !== 'no' && name !== '';
}

/** A limit as the engine tells it (0 and -1 are none), undefined where there is none. */
export function positive(limit: number): number | undefined {
  return limit > 0 ? limit : undefined;
}
