import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as z from 'zod';
import type { Action } from '../../monitor/model/action.ts';
import type { MonitorClient } from '../../monitor/rpc/client.ts';
import { actionSchema } from '../../monitor/rpc/schema/model-schema.ts';
import type { MonitorSnapshot, WorkloadView } from '../../monitor/rpc/service/service.ts';
import { describeWith, engineSocket } from '../engine/capabilities.ts';
import { testContainers, type TestContainer, type TestContainers } from '../engine/containers.ts';
import { demand } from '../engine/engine-http.ts';
import { startMonitorProcess, type MonitorProcess } from './monitor-process.ts';
import { containAll } from './stage.ts';
import { eventually } from './watch.ts';

describeWith(['engine', 'root'], 'A monitor that is killed with SIGKILL', () => {
  let folder: string;
  let containers: TestContainers;
  let network: string;
  let monitor: MonitorProcess;
  let client: MonitorClient | undefined;
  /** Contained before the kill. */
  let early: TestContainer;
  /** Begins to be contained in the moment of the kill. */
  let late: TestContainer;

  const words = (): readonly string[] => ['--engine', `unix://${engineSocket()}`, '--learn', '2s'];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sentra-killed-'));
    writeFileSync(join(folder, 'policy.yaml'), containAll);
    containers = testContainers(engineSocket());
    network = `killed-${containers.run}`;
    await containers.createNetwork(network, '10.212.9.0/24');
    early = await villain('early');
    late = await villain('late');
    monitor = startMonitorProcess(folder, words());
  });

  afterAll(async () => {
    client?.close();
    await monitor.end();
    await containers.removeAll();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Waits for its gate to open, then uses more memory than it may have. */
  function villain(name: string): Promise<TestContainer> {
    const gate = join(folder, `gate-${name}`);
    mkdirSync(gate);
    const script =
      'while [ ! -e /gate/open ]; do sleep 0.1; done; tail /dev/zero; while :; do sleep 1; done';
    return containers.start({
      name: `${name}-${containers.run}`,
      args: ['sh', '-c', script],
      network,
      aliases: [`alias-${name}`],
      restart: 'always',
      memory: 16 * 1024 * 1024,
      binds: [`${gate}:/gate`],
    });
  }

  const openGate = (name: string): void => writeFileSync(join(folder, `gate-${name}`, 'open'), '');

  /** Ids of what was printed of one type. */
  const printedIds = (type: 'finding' | 'action'): string[] =>
    monitor.lines.flatMap((line) =>
      line.type === type ? [z.looseObject({ id: z.string() }).parse(line[type]).id] : [],
    );

  async function snapshot(): Promise<MonitorSnapshot> {
    client ??= await monitor.connect();
    const answer = await client.snapshot();
    if (!answer.ok) throw new Error(answer.error.message);
    return answer.value;
  }

  async function view(container: TestContainer): Promise<WorkloadView | undefined> {
    const { workloads } = await snapshot();
    return workloads.find(({ workload }) => workload.container === container.id);
  }

  async function actions(): Promise<readonly Action[]> {
    client ??= await monitor.connect();
    const answer = await client.actions({ limit: 1000 });
    if (!answer.ok) throw new Error(answer.error.message);
    return answer.value;
  }

  test('leaves what it told in the record, and what it held held', async () => {
    await eventually(
      'both are learned',
      async () => {
        const views = [await view(early), await view(late)];
        return views.every((one) => one?.learning.state === 'learned');
      },
      60_000,
    );
    openGate('early');
    await eventually(
      'it is contained',
      async () =>
        (await actions()).some(
          ({ container, outcome }) => container === early.id && outcome.state === 'proved',
        ),
      60_000,
    );
    // The kill comes with the first word of the second containment.
    const killed = new Promise<void>((resolve, reject) => {
      monitor.onLine((line) => {
        const action = line.type === 'action' ? actionSchema.parse(line['action']) : undefined;
        if (action?.container !== late.id || action.name !== 'pause') return;
        monitor.kill9().then(resolve, reject);
      });
    });
    openGate('late');
    await killed;
    client?.close();
    client = undefined;
    const told = {
      findings: printedIds('finding'),
      actions: printedIds('action'),
    };
    expect(told.findings.length).toBeGreaterThan(1);

    // Nothing watches; and somebody takes the chance.
    const held = await early.inspect();
    expect(held.State.Paused).toBe(true);
    expect(Object.keys(held.NetworkSettings.Networks)).toEqual([]);
    await demand(engineSocket(), 'POST', `/containers/${early.id}/unpause`);

    monitor = startMonitorProcess(folder, words());
    await eventually(
      'both are held',
      async () => {
        const states = [(await early.inspect()).State, (await late.inspect()).State];
        const views = [await view(early), await view(late)];
        return (
          states.every(({ Paused }) => Paused) &&
          views.every((one) => one?.containment?.depth === 'frozen')
        );
      },
      60_000,
    );
    client ??= await monitor.connect();
    const findings = await client.findings({
      status: undefined,
      workload: undefined,
      limit: 1000,
    });
    if (!findings.ok) throw new Error(findings.error.message);
    expect(findings.value.map(({ id }) => id)).toEqual(expect.arrayContaining(told.findings));
    expect((await actions()).map(({ id }) => id)).toEqual(expect.arrayContaining(told.actions));
    await eventually(
      'nothing stays begun',
      async () => (await actions()).every(({ outcome }) => outcome.state !== 'started'),
      60_000,
    );
    // What was learned is not learned anew, and what was found is not found again.
    expect(await view(early)).toMatchObject({ learning: { state: 'learned' } });
    const { losses } = await snapshot();
    expect(losses.filter(({ what }) => !what.startsWith('actions'))).toEqual([]);
  }, 240_000);

  test('is followed by one that puts everything back', async () => {
    for (const [container, name] of [
      [early, 'early'],
      [late, 'late'],
    ] as const) {
      client ??= await monitor.connect();
      const released = await client.act({ name: 'release', target: container.name });
      expect(released).toMatchObject({ ok: true, value: { outcome: { state: 'proved' } } });
      const { State, NetworkSettings, HostConfig } = await container.inspect();
      expect([State.Running, State.Paused]).toEqual([true, false]);
      expect(HostConfig.RestartPolicy.Name).toBe('always');
      expect(NetworkSettings.Networks[network]?.Aliases).toContain(`alias-${name}`);
    }
    expect((await snapshot()).workloads.every(({ containment }) => containment === undefined)).toBe(
      true,
    );
    expect(monitor.complaints()).not.toContain('not stop cleanly');
  }, 240_000);
});
