import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock, type Clock } from '../../monitor/runtime/clock.ts';
import { describeWith, engineSocket } from '../engine/capabilities.ts';
import { testContainers, type TestContainer, type TestContainers } from '../engine/containers.ts';
import { eventually, openWatch, type Watch } from './watch.ts';

const hour = 3_600_000;

/** A finding has to hold for two seconds, and is not acted on again for three. */
const patient = `version: 1
mode: enforce
limits:
  actionsPerMinute: 600
rules:
  - name: contain
    when: finding.severity >= medium
    hold: 2s
    do: [notify, pause]
    cooldown: 3s
`;

const working = [
  'sh',
  '-c',
  'while :; do i=0; while [ $i -lt 4000 ]; do i=$((i+1)); done; sleep 0.1; done',
];

describeWith(['engine', 'root'], 'A machine whose clock is set', () => {
  let containers: TestContainers;
  let watch: Watch;
  let gates: string;
  let worker: TestContainer;
  let held: TestContainer;
  let offset = 0;
  const clock: Clock = { ...systemClock, now: () => Date.now() + offset };

  beforeAll(async () => {
    gates = await mkdtemp(join(tmpdir(), 'sentra-gates-'));
    containers = testContainers(engineSocket());
    worker = await containers.start({ args: working });
    watch = await openWatch({
      engine: `unix://${engineSocket()}`,
      policy: patient,
      surroundings: { clock },
    });
    await eventually(
      'it is learned',
      () => watch.view(worker.id)?.learning.state === 'learned',
      60_000,
    );
  });

  afterAll(async () => {
    await watch.close();
    await containers.removeAll();
    rmSync(gates, { recursive: true, force: true });
  });

  /** A container that waits, and then uses more memory than it may have. */
  async function villain(name: string): Promise<TestContainer> {
    const gate = join(gates, name);
    rmSync(gate, { recursive: true, force: true });
    mkdirSync(gate);
    const script =
      'while [ ! -e /gate/open ]; do sleep 0.1; done; tail /dev/zero; while :; do sleep 1; done';
    const container = await containers.start({
      name: `${name}-${containers.run}`,
      args: ['sh', '-c', script],
      memory: 16 * 1024 * 1024,
      binds: [`${gate}:/gate`],
    });
    await eventually('it is read', () => watch.view(container.id)?.resource !== undefined, 60_000);
    return container;
  }

  /** Lets it misbehave and waits until it is frozen; how long that took, milliseconds. */
  function misbehave(name: string, { id }: TestContainer): Promise<number> {
    writeFileSync(join(gates, name, 'open'), '');
    return eventually(`${name} is frozen`, () => watch.ended(id).includes('pause proved'), 60_000);
  }

  async function expectReadings(): Promise<void> {
    const since = clock.now();
    await delay(3_000);
    expect(watch.readings(worker.id, since)).toBeGreaterThan(1);
    expect(watch.sight(worker.id, 'resource')).toBe('seeing');
    expect(watch.sight(worker.id, 'lifecycle')).toBe('seeing');
    expect(watch.alarms(worker.id)).toEqual([]);
  }

  test('an hour ahead: readings go on, nothing is found, what misbehaves is held', async () => {
    const agent = await villain('agent');
    offset = hour;
    await expectReadings();
    expect(await misbehave('agent', agent)).toBeGreaterThan(1_500);
    await agent.remove();
  });

  test('and back again: neither hold nor cool-down waits for the hour to come round', async () => {
    offset = 0;
    await expectReadings();
    // The same workload: the cool-down of the hour to come is its own.
    const agent = await villain('agent');
    expect(await misbehave('agent', agent)).toBeGreaterThan(1_500);
    await agent.remove();
  });

  test('in the middle of a hold: it neither ends at once nor never', async () => {
    held = await villain('late');
    const frozen = misbehave('late', held);
    await eventually('it is found', () => watch.alarms(held.id).length > 0, 60_000);
    offset = -hour;
    expect(await frozen).toBeGreaterThan(1_500);
    await expectReadings();
  });

  test('and what was recorded can be read', async () => {
    expect(watch.lost()).toEqual([]);
    const bad = watch.observations.filter(
      (one) =>
        one.kind === 'resource' &&
        !(one.intervalMs > 0 && one.intervalMs < 11_000 && one.cpuCores >= 0 && one.cpuCores < 64),
    );
    expect(bad).toEqual([]);
    await watch.stop();
    await watch.start();
    await eventually(
      'it is known again',
      () => watch.view(worker.id)?.resource !== undefined,
      60_000,
    );
    expect(watch.view(held.id)?.containment).toMatchObject({ depth: 'frozen' });
    expect(watch.lost()).toEqual([]);
    const released = await watch.monitor.service.act({ name: 'release', target: held.id });
    expect(released).toMatchObject({ ok: true });
    expect((await held.inspect()).State.Paused).toBe(false);
  });
});
