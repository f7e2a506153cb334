import { setTimeout as delay } from 'node:timers/promises';
import * as z from 'zod';
import { demand, ask } from './engine-http.ts';
import type { ImageName } from './images.ts';

/** What a test container is made of. Everything but the command is optional. */
export interface TestContainerOptions {
  /** The program and its arguments. */
  readonly args: readonly string[];
  /** `busybox` by default; with a tag where the test made one of it. */
  readonly image?: ImageName | `${ImageName}:${string}`;
  readonly name?: string;
  /** Bytes; no limit by default. Swap is limited with it. */
  readonly memory?: number;
  /** Cores, for example 0.5; no limit by default. */
  readonly cpus?: number;
  /** The most processes at once; no limit by default. */
  readonly pids?: number;
  /** A network's name, or `host`, `none`, `container:ID`; the default bridge when not given. */
  readonly network?: string;
  /** Names under which others on the (user-defined) network find it. */
  readonly aliases?: readonly string[];
  readonly labels?: Readonly<Record<string, string>>;
  readonly environment?: Readonly<Record<string, string>>;
  readonly restart?: 'no' | 'always' | 'on-failure' | 'unless-stopped';
  /** Container port to published port, TCP; 0 lets the engine choose. */
  readonly ports?: Readonly<Record<number, number>>;
  /** A command run in the container to learn its health, by `sh -c`. */
  readonly healthCommand?: string;
  /** Seconds after which the engine gives a health check up; the engine's own 30 by default. */
  readonly healthTimeout?: number;
  readonly capabilities?: readonly string[];
  /** For example `/host/path:/container/path:ro`. */
  readonly binds?: readonly string[];
  /** Removed by the engine when it ends; false by default. */
  readonly autoRemove?: boolean;
  /** Seconds that a stop waits before SIGKILL; the engine's own 10 by default. */
  readonly stopTimeout?: number;
  /** Further fields of HostConfig, as the Engine API names them. */
  readonly hostConfig?: Readonly<Record<string, unknown>>;
}

/** A container made for a test. */
export interface TestContainer {
  /** 64 hexadecimal digits. */
  readonly id: string;
  /** Without the leading slash. */
  readonly name: string;
  /** As `docker inspect` shows it, unparsed beyond what tests ask most. */
  inspect(): Promise<InspectedContainer>;
  /** Runs a command in it and gives its exit code when it has ended. */
  exec(args: readonly string[], timeoutMs?: number): Promise<number>;
  /** What it wrote on standard output and standard error, the last 1,000 lines. */
  logs(): Promise<string>;
  /** Removes it, running or not. May be called twice. */
  remove(): Promise<void>;
}

const inspected = z.looseObject({
  Id: z.string(),
  Name: z.string(),
  State: z.looseObject({
    Status: z.string(),
    Running: z.boolean(),
    Paused: z.boolean(),
    OOMKilled: z.boolean(),
    Pid: z.int(),
    ExitCode: z.int(),
    StartedAt: z.string(),
    FinishedAt: z.string(),
  }),
  RestartCount: z.int(),
  HostConfig: z.looseObject({ RestartPolicy: z.looseObject({ Name: z.string() }) }),
  NetworkSettings: z.looseObject({
    Networks: z.record(
      z.string(),
      z.looseObject({ NetworkID: z.string(), IPAddress: z.string(), Aliases: z.unknown() }),
    ),
  }),
});
/** The fields tests ask most; the rest is there too, as unknown. */
export type InspectedContainer = z.infer<typeof inspected>;

const created = z.looseObject({ Id: z.string() });

/** The containers and networks one test file makes on one engine. */
export interface TestContainers {
  /** The value of the label `sentra.test` on all of them. */
  readonly run: string;
  /** Makes a container and starts it. Throws with the engine's words. */
  start(options: TestContainerOptions): Promise<TestContainer>;
  /** Makes a user-defined bridge network; with a subnet, addresses can be chosen on it. */
  createNetwork(name: string, subnet?: string): Promise<string>;
  /** Removes all that was made, and whatever else bears the label. For `afterAll`. */
  removeAll(): Promise<void>;
}

const nanoCpus = 1_000_000_000;

/** The body of the Engine API's create call. */
function createBody(options: TestContainerOptions, run: string): Record<string, unknown> {
  const { memory, cpus, pids, network, ports = {} } = options;
  const published = Object.entries(ports);
  return {
    Image: `sentra-test/${options.image ?? 'busybox'}`,
    Cmd: options.args,
    Labels: { ...options.labels, 'sentra.test': run },
    Env: Object.entries(options.environment ?? {}).map(([name, value]) => `${name}=${value}`),
    ExposedPorts: Object.fromEntries(published.map(([inside]) => [`${inside}/tcp`, {}])),
    ...(options.stopTimeout !== undefined && { StopTimeout: options.stopTimeout }),
    ...(options.healthCommand !== undefined && {
      Healthcheck: {
        Test: ['CMD-SHELL', options.healthCommand],
        Interval: 1e9,
        Retries: 1,
        ...(options.healthTimeout !== undefined && { Timeout: options.healthTimeout * 1e9 }),
      },
    }),
    HostConfig: {
      ...(memory !== undefined && { Memory: memory, MemorySwap: memory }),
      ...(cpus !== undefined && { NanoCpus: Math.round(cpus * nanoCpus) }),
      ...(pids !== undefined && { PidsLimit: pids }),
      ...(network !== undefined && { NetworkMode: network }),
      ...(options.restart !== undefined && { RestartPolicy: { Name: options.restart } }),
      ...(options.capabilities !== undefined && { CapAdd: options.capabilities }),
      ...(options.binds !== undefined && { Binds: options.binds }),
      AutoRemove: options.autoRemove ?? false,
      PortBindings: Object.fromEntries(
        published.map(([inside, outside]) => [`${inside}/tcp`, [{ HostPort: String(outside) }]]),
      ),
      ...options.hostConfig,
    },
    ...(options.aliases !== undefined &&
      network !== undefined && {
        NetworkingConfig: { EndpointsConfig: { [network]: { Aliases: options.aliases } } },
      }),
  };
}

/** The text of a log stream that comes in frames: eight bytes of head, the last four the length. */
function unframe(text: string): string {
  const bytes = Buffer.from(text, 'latin1');
  const parts: string[] = [];
  for (let at = 0; at + 8 <= bytes.length;) {
    const length = bytes.readUInt32BE(at + 4);
    parts.push(bytes.toString('utf8', at + 8, at + 8 + length));
    at += 8 + length;
  }
  return parts.join('');
}

function containerOf(socket: string, id: string, name: string): TestContainer {
  return {
    id,
    name,
    inspect: async () => inspected.parse(await demand(socket, 'GET', `/containers/${id}/json`)),
    async exec(args, timeoutMs = 60_000) {
      const body = { Cmd: args, AttachStdout: true, AttachStderr: true };
      const made = created.parse(await demand(socket, 'POST', `/containers/${id}/exec`, { body }));
      // Attached: the answer ends when the command does.
      const start = { body: { Detach: false }, timeoutMs };
      await demand(socket, 'POST', `/exec/${made.Id}/start`, start);
      const result = await demand(socket, 'GET', `/exec/${made.Id}/json`);
      return z.looseObject({ ExitCode: z.int() }).parse(result).ExitCode;
    },
    async logs() {
      const query = 'stdout=1&stderr=1&tail=1000';
      const { text } = await ask(socket, 'GET', `/containers/${id}/logs?${query}`, {
        encoding: 'latin1',
      });
      return unframe(text);
    },
    async remove() {
      await removeIfThere(socket, `/containers/${id}?force=1&v=1`);
    },
  };
}

async function removeIfThere(socket: string, path: string): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    const { status, text } = await ask(socket, 'DELETE', path);
    // 404: gone already; 409: its removal is in progress.
    if (status < 400 || status === 404 || status === 409) return;
    // On a busy machine the engine gives up waiting for the exit of what it has killed.
    if (status !== 500 || tries === 5) {
      throw new Error(`DELETE ${path}: the engine answered ${status}: ${text}`);
    }
    await delay(1000);
  }
}

/** Makes containers for tests on the engine behind that socket. */
export function testContainers(socket: string): TestContainers {
  const run = crypto.randomUUID().slice(0, 8);
  const filter = encodeURIComponent(JSON.stringify({ label: [`sentra.test=${run}`] }));
  const listed = z.array(created);
  let count = 0;
  return {
    run,
    async start(options) {
      const name = options.name ?? `sentra-${run}-${++count}`;
      const body = createBody(options, run);
      const path = `/containers/create?name=${encodeURIComponent(name)}`;
      const { Id } = created.parse(await demand(socket, 'POST', path, { body }));
      await demand(socket, 'POST', `/containers/${Id}/start`);
      return containerOf(socket, Id, name);
    },
    async createNetwork(name, subnet) {
      const body = {
        Name: name,
        CheckDuplicate: true,
        Labels: { 'sentra.test': run },
        ...(subnet !== undefined && { IPAM: { Config: [{ Subnet: subnet }] } }),
      };
      return created.parse(await demand(socket, 'POST', '/networks/create', { body })).Id;
    },
    async removeAll() {
      const path = `/containers/json?all=1&filters=${filter}`;
      const containers = listed.parse(await demand(socket, 'GET', path));
      await Promise.all(
        containers.map(({ Id }) => removeIfThere(socket, `/containers/${Id}?force=1&v=1`)),
      );
      const networks = listed.parse(await demand(socket, 'GET', `/networks?filters=${filter}`));
      for (const { Id } of networks) await removeIfThere(socket, `/networks/${Id}`);
    },
  };
}
