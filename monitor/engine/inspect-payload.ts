import * as z from 'zod';
import type { NetworkAttachment, ResourceLimits } from '../model/workload.ts';
import type { ContainerDetail, CpuQuota, NetworkEndpoint } from './port.ts';
import { composeLabels, labelOf, workloadKey } from './identity.ts';
import { stateOf } from './container-list-payload.ts';
import {
  fullId,
  momentOf,
  optionalAmount,
  optionalText,
  optionalTextMap,
  optionalTexts,
} from './payload.ts';

const endpoint = z.object({
  NetworkID: optionalText,
  Aliases: optionalTexts,
  Links: optionalTexts,
  IPAddress: optionalText,
  GlobalIPv6Address: optionalText,
  IPAMConfig: z.object({ IPv4Address: optionalText, IPv6Address: optionalText }).nullish(),
});

const inspected = z.object({
  Id: fullId,
  Name: z.string(),
  Image: optionalText,
  RestartCount: optionalAmount,
  State: z.object({
    Status: z.string(),
    Restarting: z.boolean().nullish(),
    Pid: optionalAmount,
    ExitCode: optionalAmount,
    StartedAt: optionalText,
    FinishedAt: optionalText,
  }),
  Config: z.object({
    Image: optionalText,
    Labels: optionalTextMap,
    Shell: optionalTexts,
    Healthcheck: z.object({ Test: optionalTexts }).nullish(),
  }),
  HostConfig: z.object({
    NetworkMode: optionalText,
    RestartPolicy: z.object({ Name: optionalText, MaximumRetryCount: optionalAmount }).nullish(),
    Memory: optionalAmount,
    MemorySwap: optionalAmount,
    NanoCpus: optionalAmount,
    CpuQuota: optionalAmount,
    CpuPeriod: optionalAmount,
    PidsLimit: optionalAmount,
    PidMode: optionalText,
    Runtime: optionalText,
  }),
  NetworkSettings: z
    .object({
      Networks: z.record(z.string(), endpoint).nullish(),
      Ports: z
        .record(z.string(), z.array(z.object({ HostPort: optionalText })).nullish())
        .nullish(),
    })
    .nullish(),
});

type Inspected = z.infer<typeof inspected>;
type EndpointPayload = z.infer<typeof endpoint>;

/** The answer to GET /containers/{id}/json, as port types. */
export const inspectPayload = inspected.transform(detailOf);

function detailOf(payload: Inspected): ContainerDetail {
  const { State: state, Config: config, HostConfig: host } = payload;
  const name = payload.Name.replace(/^\//, '');
  const word = stateOf(state.Status);
  const ended = word === 'exited' || word === 'dead';
  // An engine before restart policies, or Podman, sends an empty name for none.
  const policy = host.RestartPolicy?.Name === '' ? 'no' : (host.RestartPolicy?.Name ?? 'no');
  return {
    workload: {
      key: workloadKey(config.Image, name, config.Labels),
      container: payload.Id,
      name,
      image: config.Image,
      ...(payload.Image === '' ? {} : { imageId: payload.Image }),
      labels: config.Labels,
      composeProject: labelOf(config.Labels, composeLabels.project),
      composeService: labelOf(config.Labels, composeLabels.service),
      state: word,
      mainPid: state.Pid > 0 ? state.Pid : undefined,
      startedAt: momentOf(state.StartedAt),
      restartCount: payload.RestartCount,
      network: attachmentOf(payload),
      limits: limitsOf(host),
      runtime: host.Runtime === '' ? 'runc' : host.Runtime,
      restartPolicy: policy,
    },
    restarting: state.Restarting === true,
    exitCode: ended ? state.ExitCode : undefined,
    finishedAt: momentOf(state.FinishedAt),
    restartPolicy: {
      name: policy,
      maximumRetryCount: host.RestartPolicy?.MaximumRetryCount ?? 0,
    },
    memoryLimitBytes: host.Memory,
    memorySwapBytes: host.MemorySwap,
    nanoCpus: host.NanoCpus,
    cpuQuota: quotaOf(host),
    pidsLimit: host.PidsLimit,
    hasHostProcessIds: host.PidMode === 'host',
    endpoints: endpointsOf(payload),
    publishedPorts: publishedPortsOf(payload),
    healthCommand: healthCommandOf(config),
  };
}

/**
 * The mode is only how the container was created. One that was created without a network can be
 * attached to one later; what it is attached to is told by the list of its networks alone.
 */
function attachmentOf(payload: Inspected): NetworkAttachment {
  const mode = payload.HostConfig.NetworkMode;
  if (mode === 'host') return { kind: 'host' };
  if (mode.startsWith('container:')) {
    return { kind: 'shared', with: mode.slice('container:'.length) };
  }
  const networks = realNetworks(payload).map(([name]) => name);
  return networks.length === 0 && mode === 'none' ? { kind: 'none' } : { kind: 'own', networks };
}

/** Without `none`, which is no network, and the host's own, which a container cannot be detached from. */
function realNetworks(payload: Inspected): readonly (readonly [string, EndpointPayload])[] {
  const mode = payload.HostConfig.NetworkMode;
  // What is told of one that lives in another container's network is that one's, not its own.
  if (mode.startsWith('container:')) return [];
  const networks = Object.entries(payload.NetworkSettings?.Networks ?? {});
  return networks.filter(([name]) => name !== 'none' && !(name === 'host' && mode === 'host'));
}

function endpointsOf(payload: Inspected): readonly NetworkEndpoint[] {
  // Engines before API 1.45 add the short id to the aliases by themselves, every time.
  const shortId = payload.Id.slice(0, 12);
  return realNetworks(payload).map(([name, each]) => ({
    networkId: each.NetworkID,
    networkName: name,
    aliases: each.Aliases.filter((alias) => alias !== shortId),
    links: each.Links.length === 0 ? undefined : each.Links,
    // A stopped container holds no address; the one that was asked for is still known.
    ipv4: firstOf(each.IPAddress, each.IPAMConfig?.IPv4Address),
    ipv6: firstOf(each.GlobalIPv6Address, each.IPAMConfig?.IPv6Address),
    ...(isAsked(each.IPAMConfig) ? {} : { isAddressGiven: true }),
  }));
}

function isAsked(wanted: EndpointPayload['IPAMConfig']): boolean {
  return firstOf(wanted?.IPv4Address, wanted?.IPv6Address) !== undefined;
}

/** The same port of the host stands for each of its addresses. */
function publishedPortsOf({ NetworkSettings: settings }: Inspected): Record<string, string> {
  return Object.fromEntries(
    Object.entries(settings?.Ports ?? {}).flatMap(([port, bindings]) => {
      const ports = new Set((bindings ?? []).map(({ HostPort: onHost }) => onHost));
      return ports.size === 0 ? [] : [[port, [...ports].join(', ')]];
    }),
  );
}

function firstOf(...texts: readonly (string | undefined)[]): string | undefined {
  return texts.find((text) => text !== undefined && text !== '');
}

/** What the kernel takes where no period is given, microseconds. */
const usualPeriod = 100_000;

function quotaOf(host: Inspected['HostConfig']): CpuQuota | undefined {
  if (host.CpuQuota <= 0) return undefined;
  return { quota: host.CpuQuota, period: host.CpuPeriod > 0 ? host.CpuPeriod : usualPeriod };
}

function limitsOf(host: Inspected['HostConfig']): ResourceLimits {
  const { quota, period } = quotaOf(host) ?? { quota: 0, period: 1 };
  const cpus = host.NanoCpus > 0 ? host.NanoCpus / 1e9 : quota / period;
  return {
    memoryBytes: host.Memory > 0 ? host.Memory : undefined,
    cpus: cpus > 0 ? cpus : undefined,
    pids: host.PidsLimit > 0 ? host.PidsLimit : undefined,
  };
}

/** The command as Docker writes it after `exec_create: `, which is program and arguments by spaces. */
function healthCommandOf(config: Inspected['Config']): string {
  const [kind, ...words] = config.Healthcheck?.Test ?? [];
  if (kind === 'CMD') return words.join(' ').trim();
  if (kind !== 'CMD-SHELL') return '';
  const shell = config.Shell.length > 0 ? config.Shell : ['/bin/sh', '-c'];
  return [...shell, ...words].join(' ').trim();
}
