import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import Docker from 'dockerode';
import * as z from 'zod';
import { startSimulator } from '../../../monitor/simulator/simulator.ts';
import type { ContainerPlan, NetworkPlan } from '../../../monitor/simulator/plan.ts';
import type { Simulator, SimulatorOptions } from '../../../monitor/simulator/simulator.ts';

/** A stepped simulator and a real client of it. */
export interface Stage extends AsyncDisposable {
  readonly simulator: Simulator;
  readonly docker: Docker;
}

export interface StageOptions extends Omit<Partial<SimulatorOptions>, 'plan'> {
  readonly networks?: readonly NetworkPlan[];
}

/** A plan with what a test does not care about filled in. */
export function agent(
  name: string,
  rest: Partial<Omit<ContainerPlan, 'name'>> = {},
): ContainerPlan {
  return { name, agent: 'coding', image: 'agent:1', ...rest };
}

export async function openStage(
  containers: readonly ContainerPlan[],
  options: StageOptions = {},
): Promise<Stage> {
  const directory = await mkdtemp(join(tmpdir(), 'sentra-simulator-'));
  const simulator = await startSimulator({
    speed: 'stepped',
    seed: 7,
    ...options,
    socketPath: join(directory, 'engine.sock'),
    plan: { containers, networks: options.networks ?? [] },
  });
  return {
    simulator,
    docker: clientOf(simulator),
    [Symbol.asyncDispose]: async () => {
      await simulator.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** A dockerode that no environment variable leads elsewhere. */
export function clientOf(simulator: Simulator, version?: string): Docker {
  return new Docker({
    socketPath: simulator.socketPath,
    host: undefined,
    port: undefined,
    protocol: 'http',
    ...(version === undefined ? {} : { version }),
  });
}

/** The lines of a streamed body, one at a time. */
export class Lines {
  readonly #iterator: AsyncIterator<string>;
  readonly #stream: Readable;

  constructor(stream: NodeJS.ReadableStream) {
    if (!(stream instanceof Readable)) throw new Error('Not a stream of bytes.');
    this.#stream = stream;
    this.#stream.on('error', () => this.#stream.destroy());
    this.#iterator = createInterface({ input: this.#stream })[Symbol.asyncIterator]();
  }

  /** The next line; undefined at the end. */
  async next(): Promise<string | undefined> {
    const result = await this.#iterator.next();
    return result.done === true ? undefined : result.value;
  }

  close(): void {
    this.#stream.destroy();
  }
}

const cpuShape = z.object({
  cpu_usage: z.object({
    total_usage: z.number(),
    percpu_usage: z.array(z.number()).optional(),
    usage_in_kernelmode: z.number(),
    usage_in_usermode: z.number(),
  }),
  system_cpu_usage: z.number().optional(),
  online_cpus: z.number().optional(),
  throttling_data: z.object({
    periods: z.number(),
    throttled_periods: z.number(),
    throttled_time: z.number(),
  }),
});

/** What Docker promises of a stats payload, for both generations of control groups. */
export const statsShape = z.object({
  read: z.string(),
  preread: z.string(),
  name: z.string(),
  id: z.string(),
  pids_stats: z.object({ current: z.number().optional(), limit: z.number().optional() }),
  blkio_stats: z.object({
    io_service_bytes_recursive: z
      .array(z.object({ major: z.number(), minor: z.number(), op: z.string(), value: z.number() }))
      .nullable(),
  }),
  cpu_stats: cpuShape,
  precpu_stats: cpuShape,
  memory_stats: z.object({
    usage: z.number().optional(),
    limit: z.number().optional(),
    max_usage: z.number().optional(),
    stats: z.record(z.string(), z.number()).optional(),
  }),
  networks: z
    .record(
      z.string(),
      z.object({
        rx_bytes: z.number(),
        rx_packets: z.number(),
        tx_bytes: z.number(),
        tx_packets: z.number(),
      }),
    )
    .optional(),
});
export type Stats = z.infer<typeof statsShape>;

/** One reading now, as Docker gives it. */
export async function look(stage: Stage, name: string): Promise<Stats> {
  const container = stage.docker.getContainer(name);
  return statsShape.parse(await container.stats({ stream: false, 'one-shot': true }));
}

/** Bytes sent and received over every interface. */
export function bytesMoved(stats: Stats): number {
  const interfaces = Object.values(stats.networks ?? {});
  return interfaces.reduce((sum, { rx_bytes, tx_bytes }) => sum + rx_bytes + tx_bytes, 0);
}

const failure = z.object({ statusCode: z.number(), json: z.object({ message: z.string() }) });

/** Status and message with which the engine refused; fails when it did not. */
export async function refusal(
  call: Promise<unknown>,
): Promise<{ status: number; message: string }> {
  try {
    await call;
  } catch (error) {
    const parsed = failure.safeParse(error);
    if (!parsed.success) {
      const { statusCode } = z.object({ statusCode: z.number() }).parse(error);
      return { status: statusCode, message: '' };
    }
    return { status: parsed.data.statusCode, message: parsed.data.json.message };
  }
  throw new Error('The engine did not refuse.');
}

const eventShape = z.object({
  Type: z.string(),
  Action: z.string(),
  Actor: z.object({ ID: z.string(), Attributes: z.record(z.string(), z.string()) }),
  time: z.number(),
});
export type SeenEvent = z.infer<typeof eventShape>;

/** Every event that the engine remembers, in order. One virtual millisecond passes. */
export async function history(stage: Stage): Promise<SeenEvent[]> {
  const until = (stage.simulator.now() + 1) / 1_000;
  const lines = new Lines(await stage.docker.getEvents({ since: 0, until }));
  await stage.simulator.advance(1);
  const seen: SeenEvent[] = [];
  for (let line = await lines.next(); line !== undefined; line = await lines.next()) {
    if (line !== '') seen.push(eventShape.parse(JSON.parse(line)));
  }
  return seen;
}

/** The actions of a container's events, in order, networks included. */
export async function actionsOf(stage: Stage, name: string): Promise<string[]> {
  const events = await history(stage);
  const id = stage.simulator.idOf(name);
  return events
    .filter(({ Actor }) => Actor.ID === id || Actor.Attributes['container'] === id)
    .map(({ Type, Action }) => (Type === 'network' ? `network ${Action}` : Action));
}
