import * as z from 'zod';
import type { ContainerFacts, ContainerMount, ContainerPort } from '../model/container-facts.ts';
import { momentOf, optionalAmount, optionalText, optionalTexts } from './payload.ts';

/** Entries of one list that are told; a container may have been given thousands. */
const mostEntries = 200;

/** Characters of one text that are told. */
const mostCharacters = 4_000;

const mount = z.object({
  Type: optionalText,
  Name: optionalText,
  Source: optionalText,
  Destination: optionalText,
  RW: z.boolean().nullish(),
});

const binding = z.object({ HostIp: optionalText, HostPort: optionalText });

const inspected = z.object({
  Created: optionalText,
  Image: optionalText,
  Path: optionalText,
  Args: optionalTexts,
  State: z.object({
    Health: z.object({ Status: optionalText, FailingStreak: optionalAmount }).nullish(),
  }),
  Config: z.object({ WorkingDir: optionalText, User: optionalText }),
  HostConfig: z.object({
    RestartPolicy: z.object({ Name: optionalText, MaximumRetryCount: optionalAmount }).nullish(),
    Privileged: z.boolean().nullish(),
    ReadonlyRootfs: z.boolean().nullish(),
    CapAdd: optionalTexts,
    CapDrop: optionalTexts,
    SecurityOpt: optionalTexts,
    Devices: z.array(z.object({ PathOnHost: optionalText })).nullish(),
    NetworkMode: optionalText,
    PidMode: optionalText,
    IpcMode: optionalText,
    UTSMode: optionalText,
    UsernsMode: optionalText,
    CgroupnsMode: optionalText,
  }),
  Mounts: z.array(mount).nullish(),
  NetworkSettings: z
    .object({
      Ports: z.record(z.string(), z.array(binding).nullish()).nullish(),
      Networks: z
        .record(z.string(), z.object({ IPAddress: optionalText, GlobalIPv6Address: optionalText }))
        .nullish(),
    })
    .nullish(),
});

type Inspected = z.infer<typeof inspected>;

/** The answer to GET /containers/{id}/json, as far as it tells how the container was made. */
export const factsPayload = inspected.transform(factsOf);

function factsOf(payload: Inspected): ContainerFacts {
  const { Config: config, HostConfig: host, State: state } = payload;
  let omitted = 0;
  const some = <Entry>(entries: readonly Entry[]): readonly Entry[] => {
    omitted += Math.max(0, entries.length - mostEntries);
    return entries.slice(0, mostEntries);
  };
  const texts = (entries: readonly string[]): readonly string[] => some(entries).map(cut);
  const health = state.Health;
  const facts = {
    createdAt: momentOf(payload.Created),
    imageId: cut(payload.Image),
    command: texts([payload.Path, ...payload.Args].filter((word) => word !== '')),
    workingFolder: cut(config.WorkingDir),
    user: cut(config.User),
    mounts: some(payload.Mounts ?? []).map(mountOf),
    ports: some(portsOf(payload)),
    addresses: some(addressesOf(payload)),
    restart: {
      policy: cut(host.RestartPolicy?.Name ?? '') || 'no',
      mostRetries: host.RestartPolicy?.MaximumRetryCount ?? 0,
    },
    health:
      // A container without a check has `none`, or nothing.
      health === null || health === undefined || ['', 'none'].includes(health.Status)
        ? undefined
        : { state: cut(health.Status), failures: health.FailingStreak },
    privileged: host.Privileged === true,
    readOnlyRoot: host.ReadonlyRootfs === true,
    addedCapabilities: texts(host.CapAdd),
    droppedCapabilities: texts(host.CapDrop),
    securityOptions: texts(host.SecurityOpt),
    devices: texts((host.Devices ?? []).map(({ PathOnHost }) => PathOnHost)),
    hostNamespaces: hostNamespaces(host),
  };
  return { ...facts, omitted };
}

function cut(text: string): string {
  return text.slice(0, mostCharacters);
}

function mountOf({ Type, Name, Source, Destination, RW }: z.infer<typeof mount>): ContainerMount {
  return {
    kind: cut(Type),
    // Of a volume the engine also tells where it keeps it; its name says more.
    source: cut(Name === '' ? Source : Name),
    target: cut(Destination),
    writable: RW !== false,
  };
}

function portsOf({ NetworkSettings: settings }: Inspected): readonly ContainerPort[] {
  return Object.entries(settings?.Ports ?? {}).flatMap(([port, bindings]) => {
    const offered: readonly ContainerPort[] = (bindings ?? []).map(({ HostIp, HostPort }) => ({
      port: cut(port),
      offeredAt: cut(`${HostIp.includes(':') ? `[${HostIp}]` : HostIp}:${HostPort}`),
    }));
    return offered.length > 0 ? offered : [{ port: cut(port), offeredAt: undefined }];
  });
}

function addressesOf({ NetworkSettings: settings }: Inspected): ContainerFacts['addresses'] {
  return Object.entries(settings?.Networks ?? {}).map(([network, each]) => ({
    network: cut(network),
    addresses: [each.IPAddress, each.GlobalIPv6Address].filter((text) => text !== '').map(cut),
  }));
}

function hostNamespaces(host: Inspected['HostConfig']): readonly string[] {
  const modes = {
    network: host.NetworkMode,
    pid: host.PidMode,
    ipc: host.IpcMode,
    uts: host.UTSMode,
    user: host.UsernsMode,
    cgroup: host.CgroupnsMode,
  };
  return Object.entries(modes).flatMap(([name, mode]) => (mode === 'host' ? [name] : []));
}
