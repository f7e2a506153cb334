import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectEngine } from '../../monitor/engine/connect.ts';
import { systemEnvironment } from '../../monitor/engine/environment.ts';
import type {
  Engine,
  EngineError,
  EngineEvent,
  EngineStream,
  ResourceCounters,
  StreamHandlers,
} from '../../monitor/engine/port.ts';
import { silentLogger } from '../../monitor/runtime/logger.ts';
import { describeWithEngine, engineSocket } from './capabilities.ts';
import { testContainers, type TestContainer, type TestContainers } from './containers.ts';

/** The value of a success; a failure throws with its message. */
async function valueOf<Value>(
  answer: Promise<{ ok: true; value: Value } | { ok: false; error: EngineError }>,
): Promise<Value> {
  const result = await answer;
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
}

function collect<Item>(items: Item[], ends: EngineError[] = []): StreamHandlers<Item> {
  return {
    onItem: (item) => items.push(item),
    onEnd: (error) => ends.push(error),
    onGarbage: (reason) => {
      throw new Error(reason);
    },
  };
}

const busy = ['sh', '-c', 'while :; do i=0; while [ $i -lt 2000 ]; do i=$((i+1)); done; done'];

describeWithEngine('The engine port on a real engine', () => {
  let containers: TestContainers;
  let engine: Engine;
  let container: TestContainer;
  let configured: string;
  let automatic: string;
  let name: string;

  beforeAll(async () => {
    containers = testContainers(engineSocket());
    const connected = await connectEngine({
      endpoint: `unix://${engineSocket()}`,
      environment: systemEnvironment(),
      logger: silentLogger,
      signal: new AbortController().signal,
    });
    if (!connected.ok) throw new Error(JSON.stringify(connected.error));
    engine = connected.value;
    name = `port-${containers.run}`;
    configured = await containers.createNetwork(`${name}-configured`, '10.87.5.0/24');
    automatic = await containers.createNetwork(`${name}-automatic`);
    container = await containers.start({
      name,
      args: busy,
      network: `${name}-configured`,
      aliases: ['agent'],
      memory: 64 * 1024 * 1024,
      cpus: 0.2,
    });
  });

  afterAll(async () => {
    engine.close();
    await containers.removeAll();
  });

  test('knows the engine', () => {
    expect(engine.about.simulated).toBe(false);
    expect(engine.about.apiVersion).toMatch(/^1\.4\d$/);
    expect(engine.about.hostMemoryBytes).toBeGreaterThan(1e8);
    expect(engine.about.hostCpus).toBeGreaterThan(0);
    expect(engine.about.cgroupVersion).toBeDefined();
  });

  test('lists and inspects what runs', async () => {
    const list = await valueOf(engine.list());
    const entry = list.find((each) => each.container === container.id);
    expect(entry).toMatchObject({ name, state: 'running' });
    const detail = await valueOf(engine.inspect(container.id));
    expect(detail.workload).toMatchObject({
      key: `sentra-test/busybox#${name}`,
      runtime: 'runc',
      limits: { memoryBytes: 64 * 1024 * 1024, cpus: 0.2, pids: undefined },
      network: { kind: 'own', networks: [`${name}-configured`] },
    });
    expect(detail.workload.mainPid).toBe((await container.inspect()).State.Pid);
    expect(detail.endpoints).toEqual([
      expect.objectContaining({ networkId: configured, aliases: ['agent'] }),
    ]);
  });

  test('streams one sample a second, and a single look agrees with the stream', async () => {
    const samples: ResourceCounters[] = [];
    const stream: EngineStream = engine.openStats(container.id, collect(samples));
    await expect.poll(() => samples.length, { timeout: 10_000 }).toBeGreaterThanOrEqual(4);
    const single = await valueOf(engine.stats(container.id));
    stream.close();
    const [first, , , last] = samples;
    const cores = (last!.cpuNanoseconds - first!.cpuNanoseconds) / 1e6 / (last!.at - first!.at);
    expect(cores).toBeGreaterThan(0.1);
    expect(cores).toBeLessThan(0.3);
    expect(last!.throttledPeriods).toBeGreaterThan(0);
    expect(last!.memoryLimitBytes).toBe(64 * 1024 * 1024);
    expect(last!.pids).toBeGreaterThan(0);
    expect(last!.network?.receivedBytes).toBeGreaterThan(0);
    expect(single.cpuNanoseconds).toBeGreaterThanOrEqual(last!.cpuNanoseconds);
    expect(Math.abs(single.memoryBytes - last!.memoryBytes)).toBeLessThan(4 * 1024 * 1024);
  });

  test('shows the processes without telling itself about it', async () => {
    const cycle = async (): Promise<void> => {
      await engine.pause(container.id);
      await engine.unpause(container.id);
    };
    const events: EngineEvent[] = [];
    const stream = engine.openEvents(undefined, collect(events));
    await expect
      .poll(async () => {
        await cycle();
        return events.length;
      })
      .toBeGreaterThan(0);
    const seen = events.length;
    const table = await valueOf(engine.top(container.id));
    const pid = table.titles.indexOf('PID');
    const main = (await valueOf(engine.inspect(container.id))).workload.mainPid;
    expect(table.rows.map((row) => row[pid])).toContain(String(main));
    // Of a busy machine the kernel may not freeze it in time, and the engine gives up: then once more.
    await expect
      .poll(async () => {
        await cycle();
        return events.length;
      })
      .toBeGreaterThan(seen);
    stream.close();
    expect(events.filter((event) => event.action === 'top')).toEqual([]);
  });

  test('announces a health check with the words that inspect gave', async () => {
    // In a container of its own: engine 20.10 locks one for 30 s that is paused as an exec starts.
    const checked = await containers.start({
      args: ['sleep', '1000'],
      healthCommand: 'echo "a: b"',
    });
    const { healthCommand } = await valueOf(engine.inspect(checked.id));
    const events: EngineEvent[] = [];
    const stream = engine.openEvents(undefined, collect(events));
    const details = (): readonly string[] =>
      events.filter((event) => event.action === 'exec_create').map((event) => event.detail);
    await expect.poll(details, { timeout: 10_000 }).toContain(healthCommand);
    stream.close();
    await checked.remove();
  });

  test('resumes events from the one it is given, to the nanosecond', async () => {
    const events: EngineEvent[] = [];
    const stream = engine.openEvents(undefined, collect(events));
    const ofPause = (list: readonly EngineEvent[]): EngineEvent | undefined =>
      list.find((event) => event.action === 'pause' && event.actor === container.id);
    await expect
      .poll(async () => {
        await valueOf(engine.pause(container.id));
        await valueOf(engine.unpause(container.id));
        return ofPause(events);
      })
      .toBeDefined();
    stream.close();
    const { timeNano } = ofPause(events)!;
    const again: EngineEvent[] = [];
    const resumed = engine.openEvents(timeNano, collect(again));
    await expect.poll(() => again.length, { timeout: 5000 }).toBeGreaterThanOrEqual(2);
    resumed.close();
    expect(again[0]).toEqual(ofPause(events));
  });

  test('tells states that do not allow an action from real failures', async () => {
    expect(await engine.unpause(container.id)).toMatchObject({ error: { kind: 'conflict' } });
    await valueOf(engine.pause(container.id));
    expect(await engine.pause(container.id)).toMatchObject({ error: { kind: 'conflict' } });
    expect((await valueOf(engine.inspect(container.id))).workload.state).toBe('paused');
    await valueOf(engine.unpause(container.id));
    expect(await engine.inspect('0'.repeat(64))).toMatchObject({ error: { kind: 'gone' } });
    expect(await engine.update(container.id, { memoryBytes: 1 })).toMatchObject({
      error: { kind: 'failed' },
    });
  });

  test('detaches, and attaches again with the same names and address', async () => {
    const before = await valueOf(engine.inspect(container.id));
    const endpoint = before.endpoints[0]!;
    await valueOf(engine.detach(configured, container.id));
    expect((await valueOf(engine.inspect(container.id))).endpoints).toEqual([]);
    expect(await engine.detach(configured, container.id)).toMatchObject({
      error: { kind: 'conflict' },
    });
    expect(await valueOf(engine.networkHasSubnet(configured))).toBe(true);
    await valueOf(engine.attach(configured, container.id, endpoint));
    // What the engine had given is asked for from now on.
    expect((await valueOf(engine.inspect(container.id))).endpoints).toEqual(
      before.endpoints.map((each) => ({ ...each, isAddressGiven: undefined })),
    );
  });

  test('has a conflict where an address is asked for on a network that chose its subnet', async () => {
    const wanted = { aliases: [], ipv4: '172.31.255.9', ipv6: undefined };
    expect(await engine.attach(automatic, container.id, wanted)).toMatchObject({
      error: { kind: 'conflict' },
    });
    await valueOf(engine.attach(automatic, container.id, { ...wanted, ipv4: undefined }));
    await valueOf(engine.detach(automatic, container.id));
  });

  test('changes limits and the restart policy', async () => {
    await valueOf(
      engine.update(container.id, {
        restartPolicy: { name: 'on-failure', maximumRetryCount: 3 },
        nanoCpus: 300_000_000,
        pidsLimit: 50,
      }),
    );
    expect(await valueOf(engine.inspect(container.id))).toMatchObject({
      restartPolicy: { name: 'on-failure', maximumRetryCount: 3 },
      nanoCpus: 300_000_000,
      pidsLimit: 50,
      memoryLimitBytes: 64 * 1024 * 1024,
    });
  });

  test('kills what is paused, and ends its stats stream when it is removed', async () => {
    const ends: EngineError[] = [];
    const samples: ResourceCounters[] = [];
    engine.openStats(container.id, collect(samples, ends));
    await expect.poll(() => samples.length, { timeout: 5000 }).toBeGreaterThan(0);
    await valueOf(engine.pause(container.id));
    await valueOf(engine.kill(container.id));
    await expect
      .poll(async () => (await valueOf(engine.inspect(container.id))).workload.state, {
        timeout: 5000,
      })
      .toBe('exited');
    expect(await engine.stats(container.id)).toMatchObject({ error: { kind: 'conflict' } });
    await valueOf(engine.stop(container.id, 1));
    await container.remove();
    await expect.poll(() => ends.length, { timeout: 5000 }).toBe(1);
  });
});
