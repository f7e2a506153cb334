import { existsSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith } from '../engine/capabilities.ts';
import { testContainers, type TestContainer, type TestContainers } from '../engine/containers.ts';
import { startPrivateEngine, type PrivateEngine } from '../engine/private-engine.ts';
import { eventually, openWatch, type Watch } from './watch.ts';

/** Uses some of a core, all the time. */
const working = [
  'sh',
  '-c',
  'while :; do i=0; while [ $i -lt 4000 ]; do i=$((i+1)); done; sleep 0.1; done',
];

describeWith(['engine', 'root'], 'An engine that leaves its containers running', () => {
  let engine: PrivateEngine;
  let containers: TestContainers;
  let watch: Watch;
  let worker: TestContainer;
  let idler: TestContainer;
  let victim: TestContainer;

  beforeAll(async () => {
    engine = await startPrivateEngine({ daemonArguments: ['--live-restore'] });
    containers = testContainers(engine.socketPath);
    worker = await containers.start({ args: working, restart: 'always' });
    idler = await containers.start({ args: ['sleep', '1000'] });
    victim = await containers.start({ args: working });
    watch = await openWatch({ engine: engine.host });
    await eventually(
      'all are learned',
      () => [worker, idler, victim].every(({ id }) => watch.view(id)?.learning.state === 'learned'),
      60_000,
    );
  });

  afterAll(async () => {
    await watch.close();
    await engine.stop();
  });

  const connection = (): string => watch.monitor.service.snapshot().connection.state;

  /** How many commands started from outside were observed in the container. */
  function execs(container: TestContainer): number {
    return watch.observations.filter(
      (one) =>
        one.kind === 'lifecycle' && one.container === container.id && one.event.name === 'exec',
    ).length;
  }

  async function expectEventsOf(container: TestContainer): Promise<void> {
    const before = execs(container);
    await container.exec(['true']);
    await eventually('an event comes through', () => execs(container) > before, 60_000);
  }

  test('that stalls is told; readings go on, and after it all is well', async () => {
    const { Pid: pid } = (await victim.inspect()).State;
    expect(existsSync(`/proc/${pid}/exe`)).toBe(true);
    await engine.pauseDaemon();
    const stalledAt = Date.now();
    await eventually('it is told', () => connection() === 'reconnecting', 60_000);
    expect(watch.sight(worker.id, 'lifecycle')).toBe('blind');

    // What is asked of it ends: done through the kernel's files, and told as that and no more.
    const begun = performance.now();
    const act = await watch.monitor.service.act({ name: 'kill', target: victim.name });
    expect(performance.now() - begun).toBeLessThan(60_000);
    expect(act).toMatchObject({
      ok: true,
      value: {
        outcome: {
          state: 'partly',
          proof: expect.stringContaining('None of its processes is left.') as string,
          holes: [expect.stringContaining('has not told its state yet')],
        },
      },
    });
    expect(existsSync(`/proc/${pid}/exe`), 'it runs on').toBe(false);

    // What needs no engine goes on: a reading a second, all the time.
    const seconds = (Date.now() - stalledAt) / 1000;
    expect(watch.readings(worker.id, stalledAt)).toBeGreaterThan(seconds / 2);
    expect(watch.sight(worker.id, 'resource')).toBe('seeing');

    await engine.resumeDaemon();
    await eventually('it is connected again', () => connection() === 'connected', 60_000);
    await eventually(
      'its events count',
      () => watch.sight(worker.id, 'lifecycle') === 'seeing',
      60_000,
    );
    await eventually(
      'what was to be killed does not run',
      async () => {
        const { State } = await victim.inspect();
        return !State.Running || State.Paused;
      },
      60_000,
    );
    expect(watch.alarms()).toEqual([]);
    await expectEventsOf(worker);
  });

  test('that is restarted is found again with all its containers, and nothing else is made of it', async () => {
    await eventually(
      'nothing is under way',
      () => watch.recorded().every(({ outcome }) => outcome.state !== 'started'),
      60_000,
    );
    const actions = watch.recorded();
    const told = watch.alarms().length;
    const stoppedAt = Date.now();
    const { length: heard } = watch.connections;
    await engine.restart();
    const restartedAt = Date.now();
    const isLost = () =>
      watch.connections.slice(heard).some(({ state }) => state === 'reconnecting');
    await eventually('the loss is told', isLost, 60_000);
    // They ran on, and were read all the time.
    expect(watch.readings(worker.id, stoppedAt)).toBeGreaterThan(
      (restartedAt - stoppedAt) / 1000 - 3,
    );
    await eventually('it is connected again', () => connection() === 'connected', 60_000);
    await eventually(
      'all are known',
      () => [worker, idler, victim].every(({ id }) => watch.view(id) !== undefined),
      60_000,
    );
    const { length: before } = watch.connections;
    await expectEventsOf(worker);
    await eventually('readings', () => watch.readings(idler.id, restartedAt) > 2, 60_000);
    expect(watch.view(worker.id)).toMatchObject({
      workload: { state: 'running' },
      learning: { state: 'learned' },
    });
    expect(watch.connections).toHaveLength(before);
    expect(watch.alarms().slice(told)).toEqual([]);
    expect(watch.recorded()).toEqual(expect.arrayContaining([...actions]));
    expect(watch.lost()).toEqual([]);
  });
});
