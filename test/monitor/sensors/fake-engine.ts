import type {
  ContainerDetail,
  ContainerSummary,
  EngineError,
  EngineEvent,
  EngineReader,
  ResourceCounters,
  StreamHandlers,
} from '../../../monitor/engine/port.ts';
import type { ContainerId, ContainerState } from '../../../monitor/model/workload.ts';
import { failed, ok } from '../../../monitor/runtime/result.ts';

interface FakeContainer {
  name: string;
  state: ContainerState;
  pid: number | undefined;
  startedAt: number | undefined;
  createdAt: number;
}

/** An engine in memory whose events a test can hold back, and which a test can take away. */
export function createFakeEngine(now: () => number) {
  const containers = new Map<ContainerId, FakeContainer>();
  const log: EngineEvent[] = [];
  const streams = new Set<StreamHandlers<EngineEvent>>();
  const statsStreams = new Map<ContainerId, Set<StreamHandlers<ResourceCounters>>>();
  let nano = BigInt(Math.round(now())) * 1_000_000n;
  let lastPid = 4_000_000;
  const away: EngineError = { kind: 'not-running', message: 'It is away.', advice: 'Wait.' };
  const gone: EngineError = { kind: 'gone', message: 'No such container.', advice: '' };
  const fake = {
    /** Nothing answers. */
    down: false,
    /** Events happen and are kept, and no stream carries them. */
    mute: false,
    /** Whoever asks for the stream of events gets no answer at all. */
    stalled: false,
    /** A ping gets none either, until it is allowed to. */
    silent: false,
    lists: 0,
    /** Events that arrive as what nobody can understand. */
    garbled: new Set<EngineEvent>(),
    /** The openings of streams that have not been closed yet, at most. */
    mostStreams: 0,
    inspections: 0,
    inspectionsAtOnce: 0,
    mostInspectionsAtOnce: 0,
    opened: 0,
    streams,
    statsStreams,
    containers,
    log,
    healthCommand: '',
    emit(
      type: 'container' | 'network',
      action: string,
      actor: string,
      more: Partial<EngineEvent> = {},
    ) {
      const present = BigInt(Math.round(now())) * 1_000_000n;
      nano = present > nano ? present : nano + 1n;
      const event: EngineEvent = {
        timeNano: nano.toString(),
        type,
        action,
        detail: '',
        actor,
        attributes: {},
        ...more,
      };
      log.push(event);
      if (log.length > 256) log.shift();
      if (fake.mute || fake.stalled) return;
      for (const stream of [...streams]) carry(stream, event);
    },
    /** An event that nobody can understand. */
    garble() {
      const event = { timeNano: (nano + 1n).toString(), action: 'start' } as EngineEvent;
      nano += 1n;
      log.push(event);
      fake.garbled.add(event);
      for (const stream of [...streams]) carry(stream, event);
    },
    create(container: ContainerId, name: string) {
      const createdAt = now();
      containers.set(container, {
        name,
        state: 'created',
        pid: undefined,
        startedAt: undefined,
        createdAt,
      });
      fake.emit('container', 'create', container);
    },
    start(container: ContainerId) {
      const found = containers.get(container);
      if (found === undefined) throw new Error('No such container.');
      lastPid += 1;
      Object.assign(found, { state: 'running', pid: lastPid, startedAt: now() });
      fake.emit('container', 'start', container);
    },
    die(container: ContainerId, exitCode = 0) {
      Object.assign(containers.get(container) ?? {}, { state: 'exited', pid: undefined });
      fake.emit('container', 'die', container, { attributes: { exitCode: String(exitCode) } });
    },
    pause(container: ContainerId) {
      Object.assign(containers.get(container) ?? {}, { state: 'paused' });
      fake.emit('container', 'pause', container);
    },
    destroy(container: ContainerId) {
      containers.delete(container);
      fake.emit('container', 'destroy', container);
    },
    /** Ends every stream, as a stopping engine does. */
    drop() {
      for (const stream of [...streams]) {
        streams.delete(stream);
        stream.onEnd(away);
      }
    },
  };

  function carry(stream: StreamHandlers<EngineEvent>, event: EngineEvent): void {
    if (fake.garbled.has(event)) stream.onGarbage('It is no event.');
    else stream.onItem(event);
  }

  function summaryOf(container: ContainerId, { name, state, createdAt }: FakeContainer) {
    return { container, name, image: 'agent:1', labels: {}, state, createdAt };
  }

  const reader: EngineReader = {
    about: {
      endpoint: 'memory',
      source: 'test',
      id: 'fake',
      name: 'fake',
      version: '1',
      apiVersion: '1.41',
      simulated: true,
      cgroupVersion: undefined,
      hostMemoryBytes: 8e9,
      hostCpus: 2,
    },
    async ping() {
      while (fake.silent) await new Promise((resolve) => setTimeout(resolve, 10));
      return fake.down ? failed(away) : ok(undefined);
    },
    list(): ReturnType<EngineReader['list']> {
      fake.lists += 1;
      if (fake.down) return Promise.resolve(failed(away));
      const list: ContainerSummary[] = [...containers].map(([id, found]) => summaryOf(id, found));
      return Promise.resolve(ok(list));
    },
    facts: () => Promise.reject(new Error('No sensor asks how a container was made.')),
    async inspect(container) {
      fake.inspections += 1;
      fake.inspectionsAtOnce += 1;
      fake.mostInspectionsAtOnce = Math.max(fake.mostInspectionsAtOnce, fake.inspectionsAtOnce);
      await new Promise((resolve) => setTimeout(resolve, 1));
      fake.inspectionsAtOnce -= 1;
      if (fake.down) return failed(away);
      const found = containers.get(container);
      if (found === undefined) return failed(gone);
      const detail: ContainerDetail = {
        workload: {
          ...summaryOf(container, found),
          key: `agent#${found.name}`,
          composeProject: undefined,
          composeService: undefined,
          mainPid: found.pid,
          startedAt: found.startedAt,
          restartCount: 0,
          network: { kind: 'own', networks: ['bridge'] },
          limits: { memoryBytes: undefined, cpus: undefined, pids: undefined },
          runtime: 'runc',
          restartPolicy: 'no',
        },
        restarting: false,
        exitCode: undefined,
        finishedAt: undefined,
        restartPolicy: { name: 'no', maximumRetryCount: 0 },
        memoryLimitBytes: 0,
        memorySwapBytes: 0,
        nanoCpus: 0,
        pidsLimit: 0,
        endpoints: [],
        healthCommand: fake.healthCommand,
      };
      return ok(detail);
    },
    top: () =>
      Promise.resolve(
        ok({ titles: ['UID', 'PID', 'PPID', 'CMD'], rows: [['root', '1', '0', 'x']] }),
      ),
    stats: () => Promise.resolve(failed(away)),
    openStats(container, handlers) {
      const open = statsStreams.get(container) ?? new Set();
      statsStreams.set(container, open);
      open.add(handlers);
      return { close: () => open.delete(handlers) };
    },
    openEvents(sinceNano, handlers) {
      fake.opened += 1;
      if (fake.down) {
        queueMicrotask(() => handlers.onEnd(away));
        return { close: () => undefined };
      }
      streams.add(handlers);
      fake.mostStreams = Math.max(fake.mostStreams, streams.size);
      if (fake.stalled) return { close: () => streams.delete(handlers) };
      queueMicrotask(() => streams.has(handlers) && handlers.onOpen?.());
      if (sinceNano !== undefined && !fake.mute) {
        const replayed = log.filter((event) => BigInt(event.timeNano) >= BigInt(sinceNano));
        queueMicrotask(() => {
          for (const event of replayed) if (streams.has(handlers)) carry(handlers, event);
        });
      }
      return { close: () => streams.delete(handlers) };
    },
    networkHasSubnet: () => Promise.resolve(ok(false)),
  };
  return { fake, reader };
}

/** Waits until `condition` holds; throws after `milliseconds` with what was awaited. */
export async function until(
  what: string,
  condition: () => boolean,
  milliseconds = 60_000,
): Promise<void> {
  const end = performance.now() + milliseconds;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`Waited ${milliseconds} ms in vain: ${what}.`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
