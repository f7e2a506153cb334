import { makeContainer, networkModeOf } from './container.ts';
import type { Container } from './container.ts';
import { Containers } from './containers.ts';
import { EngineFaults } from './engine-faults.ts';
import { EventLog } from './event-log.ts';
import { Faults } from './fault.ts';
import type { IncidentKind, IncidentRequest } from './incident.ts';
import { beginIncident, endIncident, killWhenOutOfMemory, mayRunOut } from './incident-script.ts';
import { endRun, startContainer } from './lifecycle.ts';
import { Networks } from './networks.ts';
import { OpenStreams } from './server/open-streams.ts';
import type { ContainerPlan, Plan } from './plan.ts';
import { answer } from './server/router.ts';
import { SocketServer } from './server/server.ts';
import { settingsFrom } from './settings.ts';
import type { ApiVersion } from './settings.ts';
import { runExec } from './exec.ts';
import { StatsStreams } from './server/stats-streams.ts';
import { VirtualTime } from './virtual-time.ts';
import type { Speed } from './virtual-time.ts';
import { emitContainerEvent } from './world.ts';
import type { World } from './world.ts';

/** How to run a simulated engine. */
export interface SimulatorOptions {
  /** Where it listens: a path for a unix socket. A file that nobody listens on is replaced. */
  readonly socketPath: string;
  readonly plan: Plan;
  /** Everything random comes from it; 1 when not given. */
  readonly seed?: number;
  /** Virtual time for real time; 1 when not given. `stepped`: time passes by `advance` alone. */
  readonly speed?: Speed;
  /** Virtual time at the start, ms since 1970: the real time when it runs, 2026 when stepped. */
  readonly startAt?: number;
  readonly apiVersion?: ApiVersion;
  readonly cgroupVersion?: 1 | 2;
  readonly cpus?: number;
  readonly memoryBytes?: number;
}

/** A simulated engine that listens. Names are those of containers; an unknown one throws. */
export interface Simulator {
  readonly socketPath: string;
  /** Virtual time, ms since 1970. */
  now(): number;
  /**
   * Lets so many virtual ms pass at once, and waits for slow readers of streams (a second of real time
   * at most, then their lines are dropped and counted).
   */
  advance(milliseconds: number): Promise<void>;
  readonly faults: EngineFaults;
  /** Begins an incident now; false when the container has no processes. */
  begin(name: string, incident: IncidentRequest): boolean;
  end(name: string, kind: IncidentKind): void;
  /** Runs a command in a container for so many virtual ms. */
  exec(name: string, command: string, lengthMs: number): void;
  /** Removes the container, and makes and starts one of the same plan: another id, same name. */
  recreate(name: string): string;
  /** Adds a container while the engine runs, and starts it unless its plan says otherwise. */
  add(plan: ContainerPlan): string;
  /** Kills and removes. */
  remove(name: string): void;
  /** Lets the container's process end by itself. */
  exit(name: string, exitCode: number): void;
  idOf(name: string): string;
  /** Lines that were dropped because their reader was too slow. */
  droppedLines(): number;
  close(): Promise<void>;
}

const steppedStart = Date.UTC(2026, 0, 1);
/** Real ms that one call of `advance` waits for slow readers. */
const longestDrainMs = 1_000;

/** Starts a simulated engine. Rejects when it cannot listen; throws when the plan contradicts itself. */
export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const speed = options.speed ?? 1;
  const startedAt = options.startAt ?? (speed === 'stepped' ? steppedStart : Date.now());
  const { seed = 1, plan } = options;
  const settings = settingsFrom({ ...options, startedAt });
  const faults = new Faults();
  const eventStreams = new OpenStreams('events', faults);
  const statsLines = new OpenStreams('stats', faults);
  const time = new VirtualTime(startedAt, (now) => beat(now));
  const world: World = {
    settings,
    time,
    events: new EventLog(() => time.now()),
    containers: new Containers(),
    networks: new Networks(seed, startedAt, plan.networks),
  };
  const stats = new StatsStreams(world, statsLines);
  const beat = (now: number): void => {
    for (const container of world.containers.all()) {
      if (mayRunOut(container)) killWhenOutOfMemory(world, container);
    }
    stats.beat(now);
  };
  let serial = 0;
  const add = (containerPlan: ContainerPlan): string => {
    const container = makeContainer(containerPlan, seed, serial++, time.now());
    container.endpoints = endpointsOf(world, containerPlan);
    world.containers.add(container);
    emitContainerEvent(world, container, 'create');
    if (containerPlan.created !== true) startContainer(world, container);
    return container.id;
  };
  const named = (name: string): Container => {
    const container = world.containers.named(name);
    if (container === undefined) throw new Error(`The plan has no container ${name}.`);
    return container;
  };
  const remove = (name: string): void => {
    const container = named(name);
    container.stoppedByHand = true;
    if (container.state.status === 'restarting') container.state.appointment.cancel();
    endRun(world, container, 137, false);
    world.containers.remove(container);
    emitContainerEvent(world, container, 'destroy');
  };
  for (const containerPlan of plan.containers) add(containerPlan);
  for (const { name, incidents } of plan.containers) {
    for (const incident of incidents ?? []) {
      time.schedule.at(startedAt + incident.afterSeconds * 1_000, () => {
        const container = world.containers.named(name);
        if (container !== undefined) beginIncident(world, container, incident);
      });
    }
  }
  const server = new SocketServer(options.socketPath, {
    settings,
    faults,
    answer: (asked) => answer(world, stats, eventStreams, asked),
    nameOf: ({ reference }, body) => {
      const inBody = /"Container"\s*:\s*"([^"]+)"/.exec(body)?.[1];
      const found = world.containers.find(inBody ?? reference);
      return found.kind === 'found' ? found.container.plan.name : undefined;
    },
  });
  await server.open();
  if (speed !== 'stepped') time.run(speed);
  return {
    socketPath: options.socketPath,
    now: () => time.now(),
    advance: async (milliseconds) => {
      const deadline = performance.now() + longestDrainMs;
      const target = time.now() + milliseconds;
      // At least one turn for the connections, also when no time passes.
      do {
        time.advanceTo(Math.min(target, time.now() + 1_000));
        await drained([...statsLines.behind(), ...eventStreams.behind()], deadline);
      } while (time.now() < target);
    },
    faults: new EngineFaults(world, faults, server, eventStreams, statsLines),
    begin: (name, incident) => beginIncident(world, named(name), incident),
    end: (name, kind) => endIncident(world, named(name), kind),
    exec: (name, command, lengthMs) => runExec(world, named(name), command, lengthMs),
    recreate: (name) => {
      const { plan: same } = named(name);
      remove(name);
      return add(same);
    },
    add,
    remove,
    exit: (name, exitCode) => endRun(world, named(name), exitCode, false),
    idOf: (name) => named(name).id,
    droppedLines: () => statsLines.droppedLines + eventStreams.droppedLines,
    close: async () => {
      time.stop();
      await server.close(false);
    },
  };
}

function endpointsOf(world: World, plan: ContainerPlan): Container['endpoints'] {
  const mode = networkModeOf(plan);
  if (mode.startsWith('container:')) return [];
  const names = plan.networkMode === undefined ? (plan.networks ?? ['bridge']) : [mode];
  return names.map((name, index) => {
    const network = world.networks.find(name === 'default' ? 'bridge' : name);
    if (network === undefined) throw new Error(`${plan.name} wants the unknown network ${name}.`);
    const requestedIpv4 = index === 0 ? plan.ipv4 : undefined;
    return { network, aliases: plan.aliases ?? [], requestedIpv4, link: undefined };
  });
}

/** Yields once, and waits for responses to drain, until a moment of `performance.now()`. */
async function drained(
  behind: readonly {
    once(event: 'drain' | 'close', done: () => void): unknown;
    off(event: 'drain' | 'close', done: () => void): unknown;
  }[],
  deadline: number,
): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  for (const response of behind) {
    const left = deadline - performance.now();
    if (left <= 0) return;
    await new Promise<void>((resolve) => {
      const finish = (): void => {
        clearTimeout(timer);
        response.off('drain', finish);
        response.off('close', finish);
        resolve();
      };
      const timer = setTimeout(finish, left);
      response.once('drain', finish);
      response.once('close', finish);
    });
  }
}
