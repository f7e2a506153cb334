import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive } from './container.ts';
import type { Container } from './container.ts';
import type { FaultRequest, Faults } from './fault.ts';
import { startContainer } from './lifecycle.ts';
import type { OpenStreams } from './server/open-streams.ts';
import type { SocketServer } from './server/server.ts';
import { stopContainer } from './termination.ts';
import { emitContainerEvent } from './world.ts';
import type { World } from './world.ts';

export interface EngineStop {
  /**
   * `survive` (the default): containers go on, as with live-restore. `stop`: each is sent SIGTERM, a
   * paused one thawed for it, and is killed ten virtual seconds later; those whose policy says so come
   * back with the engine.
   */
  readonly containers?: 'survive' | 'stop';
  /** Leaves the socket's file behind, as an engine does that was killed. */
  readonly leaveSocket?: boolean;
}

const stopGraceSeconds = 10;
/** Events of a burst that are sent before other work gets a turn. */
const burstSlice = 500;

/** What can be made to go wrong with a simulated engine. */
export class EngineFaults {
  readonly #world: World;
  readonly #faults: Faults;
  readonly #server: SocketServer;
  readonly #events: OpenStreams;
  readonly #stats: OpenStreams;
  #toStart: readonly Container[] = [];

  constructor(
    world: World,
    faults: Faults,
    server: SocketServer,
    events: OpenStreams,
    stats: OpenStreams,
  ) {
    this.#world = world;
    this.#faults = faults;
    this.#server = server;
    this.#events = events;
    this.#stats = stats;
  }

  /** Puts a fault in force; the returned function takes it away again. */
  inject(request: FaultRequest): () => void {
    return this.#faults.inject(request);
  }

  /** Takes every fault away. Answers that were never given stay so. */
  clear(): void {
    this.#faults.clear();
  }

  /** Cuts the open streams of a kind in mid-body; how many there were. */
  cutStreams(kind: 'events' | 'stats'): number {
    return (kind === 'events' ? this.#events : this.#stats).cutAll();
  }

  /** How many streams of a kind are open. */
  openStreams(kind: 'events' | 'stats'): number {
    return (kind === 'events' ? this.#events : this.#stats).count;
  }

  /** Emits so many events at once, dealt out over the containers. */
  async burst(count: number, action = 'health_status: healthy'): Promise<void> {
    const containers = [...this.#world.containers.all()];
    for (let sent = 0; sent < count; sent += 1) {
      const container = containers[sent % containers.length];
      if (container === undefined) return;
      emitContainerEvent(this.#world, container, action);
      if (sent % burstSlice === burstSlice - 1) {
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
  }

  /** Cuts every connection and stops listening; kept events are forgotten. */
  async stopEngine(how: EngineStop = {}): Promise<void> {
    await this.#server.close(how.leaveSocket === true);
    this.#world.events.forget();
    this.#toStart = [];
    if (how.containers !== 'stop') return;
    const toStart: Container[] = [];
    for (const container of this.#world.containers.all()) {
      const { stoppedByHand } = container;
      const policy = container.restartPolicy.name;
      const wasUp = isAlive(container) || container.state.status === 'restarting';
      if (policy === 'always' || (policy === 'unless-stopped' && wasUp && !stoppedByHand)) {
        toStart.push(container);
      }
      const stopped = stopContainer(this.#world, container, stopGraceSeconds);
      if (stopped.kind === 'later') {
        stopped.wait(() => {
          // An engine that stops is not a person who stopped the container.
          container.stoppedByHand = stoppedByHand;
        });
      }
    }
    this.#toStart = toStart;
  }

  /** Listens again, and starts the containers that come back with the engine. */
  async startEngine(): Promise<void> {
    for (const container of this.#toStart) {
      if (this.#world.containers.has(container)) startContainer(this.#world, container);
    }
    this.#toStart = [];
    await this.#server.open();
  }

  /** Stops the engine and starts it again after so many real ms. */
  async restartEngine(downMs: number, how: EngineStop = {}): Promise<void> {
    await this.stopEngine(how);
    await sleep(downMs);
    await this.startEngine();
  }
}
