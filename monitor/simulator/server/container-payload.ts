import { commandOf, isAlive, networkModeOf, pidOf } from '../container.ts';
import type { Container } from '../container.ts';
import { endpointPayload } from './network-payload.ts';
import { inWords, never, timestamp } from '../timestamp.ts';

/** One line of `GET /containers/json`. */
export function summaryPayload(container: Container, now: number): unknown {
  const { plan } = container;
  return {
    Id: container.id,
    Names: [`/${plan.name}`],
    Image: plan.image,
    ImageID: container.imageId,
    Command: commandOf(container).join(' '),
    Created: Math.floor(container.createdAt / 1_000),
    Ports: [],
    Labels: plan.labels ?? {},
    State: container.state.status,
    Status: statusText(container, now),
    HostConfig: { NetworkMode: networkModeOf(plan) },
    NetworkSettings: { Networks: networksOf(container, false) },
    Mounts: [],
  };
}

/** Body of `GET /containers/{id}/json`, as far as anything of Sentra's reads it. */
export function inspectPayload(container: Container): unknown {
  const { plan, limits } = container;
  const command = commandOf(container);
  return {
    Id: container.id,
    Created: timestamp(container.createdAt),
    Path: command[0] ?? '',
    Args: command.slice(1),
    State: statePayload(container),
    Image: container.imageId,
    Name: `/${plan.name}`,
    RestartCount: container.restartCount,
    Driver: 'overlay2',
    Platform: 'linux',
    MountLabel: '',
    ProcessLabel: '',
    AppArmorProfile: '',
    ExecIDs: container.execs.length === 0 ? null : container.execs.map(({ id }) => id),
    HostConfig: {
      Binds: null,
      NetworkMode: networkModeOf(plan),
      PortBindings: {},
      RestartPolicy: {
        Name: container.restartPolicy.name,
        MaximumRetryCount: container.restartPolicy.maximumRetryCount,
      },
      AutoRemove: false,
      CapAdd: null,
      CapDrop: null,
      CgroupnsMode: 'private',
      IpcMode: 'private',
      PidMode: '',
      Privileged: false,
      ReadonlyRootfs: false,
      SecurityOpt: null,
      UsernsMode: '',
      Runtime: 'runc',
      Memory: limits.memoryBytes,
      MemorySwap: limits.memorySwapBytes,
      MemoryReservation: 0,
      NanoCpus: limits.nanoCpus,
      CpuPeriod: limits.cpuPeriod,
      CpuQuota: limits.cpuQuota,
      CpuShares: 0,
      OomKillDisable: false,
      PidsLimit: limits.pidsLimit === 0 ? null : limits.pidsLimit,
      Devices: [],
    },
    Mounts: [],
    Config: {
      Hostname: container.id.slice(0, 12),
      User: '',
      Tty: false,
      Env: null,
      Cmd: command,
      Image: plan.image,
      Volumes: null,
      WorkingDir: '/app',
      Entrypoint: null,
      Labels: plan.labels ?? {},
      ...(plan.healthCheck === undefined
        ? {}
        : {
            Healthcheck: {
              Test: ['CMD-SHELL', plan.healthCheck.command.replace(/^\/bin\/sh -c /, '')],
              Interval: plan.healthCheck.intervalSeconds * 1e9,
            },
          }),
    },
    NetworkSettings: {
      Bridge: '',
      SandboxID: '',
      Ports: {},
      SandboxKey: '',
      ...bridgeFields(container),
      Networks: networksOf(container, true),
    },
  };
}

function statePayload(container: Container): unknown {
  const { status } = container.state;
  const restarting = status === 'restarting';
  return {
    Status: status,
    Running: isAlive(container) || restarting,
    Paused: status === 'paused',
    Restarting: restarting,
    OOMKilled: container.oomKilled,
    Dead: false,
    Pid: pidOf(container),
    ExitCode: container.exitCode,
    Error: '',
    StartedAt: container.startedAt === undefined ? never : timestamp(container.startedAt),
    FinishedAt: container.finishedAt === undefined ? never : timestamp(container.finishedAt),
    ...(container.health === 'none'
      ? {}
      : { Health: { Status: container.health, FailingStreak: 0, Log: [] } }),
  };
}

/** The fields that engines before API 1.52 repeat for the default bridge. */
function bridgeFields(container: Container): Record<string, unknown> {
  const bridge = container.endpoints.find(({ network }) => network.name === 'bridge');
  const names = ['EndpointID', 'Gateway', 'IPAddress', 'IPPrefixLen', 'MacAddress'];
  const payload =
    bridge === undefined ? {} : { ...(endpointPayload(container, bridge, false) as object) };
  const fields = new Map<string, unknown>(Object.entries(payload));
  return Object.fromEntries(
    names.map((name) => [name, fields.get(name) ?? (name === 'IPPrefixLen' ? 0 : '')]),
  );
}

function networksOf(container: Container, whole: boolean): Record<string, unknown> {
  const networks: Record<string, unknown> = {};
  for (const endpoint of container.endpoints) {
    networks[endpoint.network.name] = endpointPayload(container, endpoint, whole);
  }
  return networks;
}

/** The words of `docker ps`. */
function statusText(container: Container, now: number): string {
  const up = inWords(now - (container.startedAt ?? now));
  const ago = inWords(now - (container.finishedAt ?? now));
  switch (container.state.status) {
    case 'created':
      return 'Created';
    case 'running':
      if (container.health === 'none') return `Up ${up}`;
      return `Up ${up} (${container.health === 'starting' ? 'health: starting' : 'healthy'})`;
    case 'paused':
      return `Up ${up} (Paused)`;
    case 'restarting':
      return `Restarting (${container.exitCode}) ${ago} ago`;
    case 'exited':
      return `Exited (${container.exitCode}) ${ago} ago`;
  }
}
