import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, expect, test } from 'vitest';
import type { ContainerPlan } from '../../monitor/simulator/plan.ts';
import { startSimulator, type Simulator } from '../../monitor/simulator/simulator.ts';
import { describeWithEngine, engineSocket } from '../engine/capabilities.ts';
import { testContainers } from '../engine/containers.ts';
import { demand } from '../engine/engine-http.ts';
import { eventually, openWatch, type Watch } from './watch.ts';

let watch: Watch | undefined;
let simulator: Simulator | undefined;

afterEach(async () => {
  await watch?.close();
  await simulator?.close();
  watch = undefined;
  simulator = undefined;
});

/** The heap in use after a collection, bytes. */
function heapBytes(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  return process.memoryUsage().heapUsed;
}

/** How many lifecycle facts of that name were told. */
function told(of: Watch, name: string): number {
  return of.observations.filter((one) => one.kind === 'lifecycle' && one.event.name === name)
    .length;
}

/** These, and how many of any kind drivers were not told of. */
function heard(of: Watch, name: string): number {
  const { losses } = of.monitor.service.snapshot();
  return (
    told(of, name) +
    losses.reduce((sum, { what, count }) => sum + (what.includes('drivers') ? count : 0), 0)
  );
}

test('ten thousand events at once are taken in, and what happens among them is not missed', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sentra-burst-'));
  try {
    const socketPath = join(folder, 'engine.sock');
    const template = { agent: 'idle', image: 'agent:1', networks: ['bridge'] } as const;
    const containers = Array.from({ length: 50 }, (_, index): ContainerPlan => ({
      ...template,
      name: `agent-${index}`,
    }));
    simulator = await startSimulator({ socketPath, plan: { containers, networks: [] } });
    const own = await openWatch({ engine: `unix://${socketPath}` });
    watch = own;
    const idOf = (name: string): string => simulator?.idOf(name) ?? '';
    await eventually(
      'all are read',
      () =>
        own.monitor.service.snapshot().workloads.every(({ resource }) => resource !== undefined) &&
        own.monitor.service.snapshot().workloads.length === 50,
      60_000,
    );
    const heapBefore = heapBytes();
    const delays = monitorEventLoopDelay({ resolution: 10 });
    delays.enable();

    const half = simulator.faults.burst(5_000);
    simulator.exit('agent-7', 3);
    const newcomer = simulator.add({ ...template, name: 'newcomer' });
    const pausing = own.monitor.service.act({ name: 'pause', target: 'agent-9' });
    await half;
    await simulator.faults.burst(5_000);
    await eventually('all came through', () => heard(own, 'health') >= 10_000, 60_000);
    expect(await pausing).toMatchObject({ ok: true, value: { outcome: { state: 'proved' } } });
    await eventually(
      'what happened is known',
      () => {
        const states = [idOf('agent-7'), newcomer, idOf('agent-9')].map(
          (id) => own.view(id)?.workload.state,
        );
        return JSON.stringify(states) === JSON.stringify(['exited', 'running', 'paused']);
      },
      60_000,
    );
    delays.disable();
    const worstMs = delays.max / 1e6;
    // None twice. Of what drivers were not told, the more the busier the machine is, some are others.
    expect(told(own, 'health')).toBeLessThan(10_020);
    expect(own.monitor.service.snapshot().workloads).toHaveLength(51);
    for (const { coverage } of own.monitor.service.snapshot().workloads) {
      expect(coverage.map(({ dropped }) => dropped)).toEqual(coverage.map(() => 0));
    }
    expect(simulator.droppedLines()).toBe(0);
    expect(own.connections.filter(({ state }) => state !== 'connected')).toEqual([]);
    // Two processes' work in one here, the simulator's and the monitor's, beside other tests.
    expect(worstMs).toBeLessThan(5_000);
    // What is heard is kept by this test; the monitor keeps a fraction.
    const grown = heapBytes() - heapBefore;
    expect(grown).toBeLessThan(30e6);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}, 240_000);

describeWithEngine('A real engine', () => {
  test('that tells of hundreds of changes at once leaves the last state known', async () => {
    const socket = engineSocket();
    const containers = testContainers(socket);
    try {
      const agents = await Promise.all(
        Array.from({ length: 4 }, () => containers.start({ args: ['sleep', '1000'] })),
      );
      const own = await openWatch({ engine: `unix://${socket}` });
      watch = own;
      await eventually(
        'all are known',
        () => agents.every(({ id }) => own.view(id) !== undefined),
        60_000,
      );
      const times = 80;
      const nameOf = (index: number, time: number): string =>
        `renamed-${containers.run}-${index}-${time}`;
      await Promise.all(
        agents.map(async ({ id }, index) => {
          for (let time = 1; time <= times; time += 1) {
            await demand(socket, 'POST', `/containers/${id}/rename?name=${nameOf(index, time)}`);
          }
        }),
      );
      await eventually(
        'the last names are known',
        () => agents.every(({ id }, index) => own.view(id)?.workload.name === nameOf(index, times)),
        60_000,
      );
      expect(own.alarms()).toEqual([]);
      expect(own.lost()).toEqual([]);
      for (const { id } of agents) {
        expect(own.view(id)?.coverage.every(({ dropped }) => dropped === 0)).toBe(true);
      }
    } finally {
      await containers.removeAll();
    }
  }, 240_000);
});
