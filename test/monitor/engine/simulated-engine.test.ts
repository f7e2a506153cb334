import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type {
  Engine,
  EngineError,
  EngineEvent,
  ResourceCounters,
} from '../../../monitor/engine/port.ts';
import { startSimulator, type Simulator } from '../../../monitor/simulator/simulator.ts';
import { engineAt } from './hostile-server.ts';

/** The value of a success; a failure throws with its message. */
async function valueOf<Value>(
  answer: Promise<{ ok: true; value: Value } | { ok: false; error: EngineError }>,
): Promise<Value> {
  const result = await answer;
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
}

describe('The engine port on the simulated engine', () => {
  let folder: string;
  let simulator: Simulator;
  let engine: Engine;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sentra-simulated-'));
    simulator = await startSimulator({
      socketPath: join(folder, 'engine.sock'),
      plan: {
        networks: [{ name: 'shop', subnet: '10.77.0.0/24' }],
        containers: [
          {
            name: 'coder',
            agent: 'coding',
            image: 'acme/agent:3',
            networks: ['shop'],
            aliases: ['agent'],
            memoryLimitBytes: 512 * 1024 * 1024,
            healthCheck: { command: 'true', intervalSeconds: 30 },
          },
          { name: 'sleeper', agent: 'idle', image: 'busybox', networkMode: 'none' },
        ],
      },
    });
    engine = await engineAt(simulator.socketPath);
  });

  afterAll(async () => {
    engine.close();
    await simulator.close();
    await rm(folder, { recursive: true, force: true });
  });

  test('is known to be simulated', () => {
    expect(engine.about.simulated).toBe(true);
    expect(engine.about.hostMemoryBytes).toBeGreaterThan(0);
    expect(engine.about.cgroupVersion).toBeDefined();
  });

  test('lists, inspects, samples and shows processes', async () => {
    const list = await valueOf(engine.list());
    expect(list.map((entry) => entry.name).sort()).toEqual(['coder', 'sleeper']);
    const id = simulator.idOf('coder');
    const detail = await valueOf(engine.inspect(id));
    expect(detail.workload).toMatchObject({ key: 'acme/agent#coder', state: 'running' });
    expect(detail.endpoints[0]).toMatchObject({ networkName: 'shop', aliases: ['agent'] });
    expect(detail.healthCommand).toContain('true');
    const counters = await valueOf(engine.stats(id));
    expect(counters.memoryLimitBytes).toBe(512 * 1024 * 1024);
    expect(counters.network).toBeDefined();
    const table = await valueOf(engine.top(id));
    expect(table.titles).toContain('PID');
    expect(table.rows.length).toBeGreaterThan(0);
  });

  test('streams about one sample a second', async () => {
    const samples: ResourceCounters[] = [];
    const bad: unknown[] = [];
    const stream = engine.openStats(simulator.idOf('coder'), {
      onItem: (sample) => samples.push(sample),
      onEnd: (error) => bad.push(error),
      onGarbage: (reason) => bad.push(reason),
    });
    await expect.poll(() => samples.length, { timeout: 60_000 }).toBeGreaterThanOrEqual(3);
    stream.close();
    expect(bad).toEqual([]);
    const [first, second] = samples;
    expect(second!.at - first!.at).toBeGreaterThan(800);
    expect(second!.at - first!.at).toBeLessThan(5_000);
    expect(second!.cpuNanoseconds).toBeGreaterThanOrEqual(first!.cpuNanoseconds);
  });

  test('pauses, cuts off, restores and tells it all as events', async () => {
    const id = simulator.idOf('coder');
    const events: EngineEvent[] = [];
    const stream = engine.openEvents(undefined, {
      onItem: (event) => events.push(event),
      onEnd: () => undefined,
      onGarbage: (reason) => {
        throw new Error(reason);
      },
    });
    const before = await valueOf(engine.inspect(id));
    const endpoint = before.endpoints[0]!;
    expect(await valueOf(engine.networkHasSubnet(endpoint.networkId))).toBe(true);
    await valueOf(engine.pause(id));
    expect(await engine.pause(id)).toMatchObject({ ok: false, error: { kind: 'conflict' } });
    await valueOf(engine.detach(endpoint.networkId, id));
    const during = await valueOf(engine.inspect(id));
    expect(during.workload.state).toBe('paused');
    expect(during.endpoints).toEqual([]);
    await valueOf(engine.attach(endpoint.networkId, id, endpoint));
    await valueOf(engine.update(id, { pidsLimit: 40 }));
    await valueOf(engine.unpause(id));
    const after = await valueOf(engine.inspect(id));
    // The same address, and asked for from now on.
    expect(endpoint.isAddressGiven).toBe(true);
    expect(after.endpoints).toEqual([{ ...endpoint, isAddressGiven: undefined }]);
    expect(after.pidsLimit).toBe(40);
    await expect.poll(() => events.at(-1)?.action, { timeout: 60_000 }).toBe('unpause');
    stream.close();
    expect(events.map((event) => event.action)).toEqual(
      expect.arrayContaining(['pause', 'disconnect', 'connect', 'update', 'unpause']),
    );
  });

  test('stops and kills, and has no reading of what does not run', async () => {
    const id = simulator.idOf('sleeper');
    await valueOf(engine.kill(id));
    await expect
      .poll(async () => (await valueOf(engine.inspect(id))).workload.state)
      .toBe('exited');
    expect((await valueOf(engine.inspect(id))).exitCode).toBe(137);
    expect(await engine.stats(id)).toMatchObject({ ok: false, error: { kind: 'conflict' } });
    await valueOf(engine.stop(id, 1));
  });
});
