import type {
  ContainerDetail,
  EngineAbout,
  EngineError,
  NetworkEndpoint,
} from '../../../monitor/engine/port.ts';
import type { NetworkAttachment, Workload } from '../../../monitor/model/workload.ts';
import type { ResponseEngine } from '../../../monitor/respond/response-engine.ts';
import { failed, ok, type Result } from '../../../monitor/runtime/result.ts';

/** A call as the responder makes it, with the container or network first. */
export interface Call {
  readonly name: Exclude<keyof ResponseEngine, 'about'>;
  readonly target: string;
}

/** What the engine does to a call: nothing, refuse it, do it and lose the answer, never answer. */
export type Trouble = EngineError | 'answer-lost' | 'silence' | undefined;

export interface MemoryContainer {
  id: string;
  name: string;
  labels: Record<string, string>;
  state: Workload['state'];
  attachment: NetworkAttachment['kind'];
  endpoints: NetworkEndpoint[];
  /** Ports of the host; those of `chosen` are chosen anew whenever a network is attached. */
  ports: Record<string, string>;
  chosen: Set<string>;
  restartPolicy: { name: string; maximumRetryCount: number };
  memoryBytes: number;
  memorySwapBytes: number;
  /** What it uses and the kernel cannot take back, bytes. */
  usedBytes: number;
  nanoCpus: number;
  /** Microseconds in each 100,000; 0 is none. */
  cpuQuota: number;
  pids: number;
  hostProcessIds: boolean;
  startedAt: number;
  exitCode: number | undefined;
  /** Networks attached while it was down: the engine tells their ids only once it has started. */
  fresh: Set<string>;
}

/** An engine in memory that keeps to what Docker Engine 20.10 does with these calls. */
export interface MemoryEngine extends ResponseEngine {
  readonly containers: Map<string, MemoryContainer>;
  /** Network id to whether a subnet was configured. */
  readonly networks: Map<string, boolean>;
  readonly calls: Call[];
  /** Asked before each call. */
  trouble: (call: Call) => Trouble;
  add(container: Partial<MemoryContainer> & { readonly name: string }): MemoryContainer;
  workload(id: string): Workload;
}

/** A container id from a small number. */
export function idOf(number: number): string {
  return number.toString(16).padStart(64, '0');
}

export function engineError(kind: EngineError['kind'], message: string = kind): EngineError {
  return { kind, message, advice: '' };
}

const about: EngineAbout = {
  endpoint: 'memory',
  source: 'test',
  id: 'memory',
  name: 'memory',
  version: '20.10.24',
  apiVersion: '1.41',
  simulated: true,
  cgroupVersion: 1,
  hostMemoryBytes: 8_000_000_000,
  hostCpus: 4,
};

export function endpoint(name: string, more: Partial<NetworkEndpoint> = {}): NetworkEndpoint {
  return {
    networkId: `net-${name}`,
    networkName: name,
    aliases: [],
    ipv4: '172.20.0.9',
    ipv6: undefined,
    ...more,
  };
}

export function createMemoryEngine(): MemoryEngine {
  const containers = new Map<string, MemoryContainer>();
  const networks = new Map<string, boolean>([
    ['net-bridge', false],
    ['net-team', true],
  ]);
  const calls: Call[] = [];
  let addresses = 100;

  /** Every call goes through here: what happens to it, then what it does. */
  async function call<Value>(
    name: Call['name'],
    target: string,
    effect: () => Result<Value, EngineError>,
  ): Promise<Result<Value, EngineError>> {
    await Promise.resolve();
    calls.push({ name, target });
    const trouble = engine.trouble({ name, target });
    if (trouble === 'silence') return new Promise(() => undefined);
    if (trouble === 'answer-lost') {
      effect();
      return failed(engineError('timeout', 'The engine did not answer in time.'));
    }
    return trouble === undefined ? effect() : failed(trouble);
  }

  function withContainer<Value>(
    id: string,
    effect: (container: MemoryContainer) => Result<Value, EngineError>,
  ): Result<Value, EngineError> {
    const container = containers.get(id);
    return container === undefined
      ? failed(engineError('gone', 'No such container.'))
      : effect(container);
  }

  const conflict = (message: string) => failed(engineError('conflict', message));
  const up = (container: MemoryContainer): boolean =>
    container.state === 'running' || container.state === 'paused';

  function detailOf(container: MemoryContainer): ContainerDetail {
    if (up(container)) container.fresh.clear();
    return {
      workload: workloadOf(container),
      restarting: container.state === 'restarting',
      exitCode: container.exitCode,
      finishedAt: undefined,
      restartPolicy: { ...container.restartPolicy },
      memoryLimitBytes: container.memoryBytes,
      memorySwapBytes: container.memorySwapBytes,
      nanoCpus: container.nanoCpus,
      cpuQuota: container.cpuQuota > 0 ? { quota: container.cpuQuota, period: 100_000 } : undefined,
      pidsLimit: container.pids,
      hasHostProcessIds: container.hostProcessIds,
      endpoints: container.endpoints.map((each) => ({
        ...each,
        networkId: container.fresh.has(each.networkId) ? '' : each.networkId,
      })),
      publishedPorts: up(container) && container.endpoints.length > 0 ? { ...container.ports } : {},
      healthCommand: '',
    };
  }

  const engine: MemoryEngine = {
    about,
    containers,
    networks,
    calls,
    trouble: () => undefined,
    add(options) {
      const container: MemoryContainer = {
        id: idOf(containers.size + 1),
        labels: {},
        state: 'running',
        attachment: 'own',
        endpoints: options.attachment === undefined ? [endpoint('bridge')] : [],
        ports: {},
        chosen: new Set(),
        restartPolicy: { name: 'no', maximumRetryCount: 0 },
        memoryBytes: 0,
        memorySwapBytes: 0,
        usedBytes: 0,
        nanoCpus: 0,
        cpuQuota: 0,
        pids: 0,
        hostProcessIds: false,
        startedAt: 1_000,
        exitCode: undefined,
        fresh: new Set(),
        ...options,
      };
      containers.set(container.id, container);
      return container;
    },
    workload(id) {
      const container = containers.get(id);
      if (container === undefined) throw new Error(`No container ${id}.`);
      return workloadOf(container);
    },
    list: () =>
      call('list', '', () =>
        ok(
          [...containers.values()].map((each) => ({
            container: each.id,
            name: each.name,
            image: 'image',
            labels: each.labels,
            state: each.state,
            createdAt: 0,
            networks: each.endpoints.map(({ networkName }) => networkName),
          })),
        ),
      ),
    inspect: (id) => call('inspect', id, () => withContainer(id, (each) => ok(detailOf(each)))),
    networkHasSubnet: (id) =>
      call('networkHasSubnet', id, () => {
        const subnet = networks.get(id);
        return subnet === undefined ? failed(engineError('gone', 'No such network.')) : ok(subnet);
      }),
    pause: (id) =>
      call('pause', id, () =>
        withContainer(id, (each) => {
          if (each.state !== 'running') return conflict(`It is ${each.state}.`);
          each.state = 'paused';
          return ok(undefined);
        }),
      ),
    unpause: (id) =>
      call('unpause', id, () =>
        withContainer(id, (each) => {
          if (each.state !== 'paused') return conflict('It is not paused.');
          each.state = 'running';
          return ok(undefined);
        }),
      ),
    kill: (id) =>
      call('kill', id, () =>
        withContainer(id, (each) => {
          if (!up(each) && each.state !== 'restarting') return conflict('It does not run.');
          each.state = 'exited';
          each.exitCode = 137;
          return ok(undefined);
        }),
      ),
    stop: (id) =>
      call('stop', id, () =>
        withContainer(id, (each) => {
          each.state = 'exited';
          each.exitCode = 143;
          return ok(undefined);
        }),
      ),
    update: (id, change) =>
      call('update', id, () =>
        withContainer(id, (each) => {
          if ((change.memoryBytes ?? 0) < 0) return conflict('Minimum memory limit.');
          if ((change.nanoCpus ?? 0) > 0 && each.cpuQuota > 0) {
            return conflict('Nano CPUs cannot be updated as CPU Quota has already been set.');
          }
          if ((change.nanoCpus ?? 0) > about.hostCpus * 1e9) {
            return failed(engineError('failed', 'Range of CPUs is from 0.01 to 4.00.'));
          }
          const swap = change.memorySwapBytes ?? 0;
          const memory = change.memoryBytes ?? 0;
          if (memory !== 0 && memory > each.memorySwapBytes && swap === 0) {
            return conflict('Update the memoryswap at the same time.');
          }
          if (memory > 0 && memory < each.usedBytes) {
            const why = `unable to set memory limit to ${memory} (current usage: ${each.usedBytes})`;
            return failed(engineError('failed', why));
          }
          const limit = swap > 0 ? swap : each.memorySwapBytes;
          if (memory !== 0 && limit > 0 && memory > limit) {
            return failed(
              engineError('failed', 'The kernel refuses memory beyond memory and swap.'),
            );
          }
          if (change.restartPolicy !== undefined) each.restartPolicy = { ...change.restartPolicy };
          if ((change.memoryBytes ?? 0) > 0) each.memoryBytes = change.memoryBytes ?? 0;
          if (swap !== 0) each.memorySwapBytes = swap;
          // As the engine does: 0 is taken for "not given".
          if ((change.nanoCpus ?? 0) > 0) each.nanoCpus = change.nanoCpus ?? 0;
          if ((change.cpuQuota ?? 0) > 0) each.cpuQuota = change.cpuQuota ?? 0;
          if (change.pidsLimit !== undefined) each.pids = change.pidsLimit;
          return ok(undefined);
        }),
      ),
    attach: (networkId, id, request) =>
      call('attach', networkId, () =>
        withContainer(id, (each) => {
          const subnet = networks.get(networkId);
          if (subnet === undefined) return failed(engineError('gone', 'No such network.'));
          if (each.endpoints.some((end) => end.networkId === networkId)) {
            return conflict('It is attached already.');
          }
          if (request.ipv4 !== undefined && !subnet) {
            return failed(engineError('failed', 'Addresses only on networks with a subnet.'));
          }
          addresses += 1;
          if (!up(each)) each.fresh.add(networkId);
          for (const port of each.chosen) each.ports[port] = String(49_000 + addresses);
          each.endpoints.push(
            endpoint(networkId.replace('net-', ''), {
              aliases: request.aliases,
              links: request.links,
              ...(request.ipv4 === undefined
                ? { ipv4: `172.20.0.${addresses}`, isAddressGiven: true }
                : { ipv4: request.ipv4 }),
            }),
          );
          return ok(undefined);
        }),
      ),
    detach: (networkId, id) =>
      call('detach', networkId, () =>
        withContainer(id, (each) => {
          const left = each.endpoints.filter((end) => end.networkId !== networkId);
          if (left.length === each.endpoints.length) return conflict('It is not attached.');
          each.endpoints = left;
          return ok(undefined);
        }),
      ),
  };
  return engine;
}

function attachmentOf(container: MemoryContainer): NetworkAttachment {
  switch (container.attachment) {
    case 'own':
      return { kind: 'own', networks: container.endpoints.map((each) => each.networkName) };
    case 'host':
      return { kind: 'host' };
    case 'none':
      return container.endpoints.length === 0
        ? { kind: 'none' }
        : { kind: 'own', networks: container.endpoints.map((each) => each.networkName) };
    case 'shared':
      return { kind: 'shared', with: idOf(4095) };
  }
}

function workloadOf(container: MemoryContainer): Workload {
  return {
    key: `image|${container.name}`,
    container: container.id,
    name: container.name,
    image: 'image',
    labels: container.labels,
    composeProject: undefined,
    composeService: undefined,
    state: container.state,
    mainPid: undefined,
    startedAt: container.startedAt,
    restartCount: 0,
    network: attachmentOf(container),
    limits: { memoryBytes: undefined, cpus: undefined, pids: undefined },
    runtime: 'runc',
    restartPolicy: container.restartPolicy.name,
  };
}
