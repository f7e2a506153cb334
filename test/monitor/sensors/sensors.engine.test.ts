import { afterAll, afterEach, expect, test } from 'vitest';
import { connectEngine } from '../../../monitor/engine/connect.ts';
import { systemEnvironment } from '../../../monitor/engine/environment.ts';
import type { Engine } from '../../../monitor/engine/port.ts';
import type { SensorName, Sight } from '../../../monitor/model/coverage.ts';
import type { Observation, ResourceObservation } from '../../../monitor/model/observation.ts';
import { systemClock } from '../../../monitor/runtime/clock.ts';
import { silentLogger } from '../../../monitor/runtime/logger.ts';
import { startSensors, type Sensors } from '../../../monitor/sensors/sensors.ts';
import { describeWithEngine, engineSocket } from '../../engine/capabilities.ts';
import { testContainers, type TestContainers } from '../../engine/containers.ts';
import { until } from './fake-engine.ts';
import { describeAsRoot, makeCgroup } from './real-cgroup.ts';
import { openStallingProxy, type StallingProxy } from './stalling-proxy.ts';

interface Watch {
  readonly sensors: Sensors;
  readonly observations: Observation[];
  readonly sight: (container: string, sensor: SensorName) => Sight | undefined;
  readonly resources: (container: string) => ResourceObservation[];
}

const open: { engine: Engine; sensors: Sensors }[] = [];
let proxy: StallingProxy | undefined;
let made: TestContainers | undefined;

function containers(): TestContainers {
  made ??= testContainers(engineSocket());
  return made;
}

/** Watches the engine behind `host`. Without a process folder only the engine's stats are left. */
async function watch(host: string, procFolder = '/proc'): Promise<Watch> {
  const connection = await connectEngine({
    endpoint: host,
    environment: systemEnvironment(),
    logger: silentLogger,
    signal: new AbortController().signal,
  });
  if (!connection.ok) throw new Error(JSON.stringify(connection.error));
  const observations: Observation[] = [];
  const { run } = containers();
  const sensors = startSensors({
    reader: connection.value,
    selects: (summary) => summary.labels['sentra.test'] === run,
    clock: systemClock,
    logger: silentLogger,
    onObservation: (observation) => observations.push(observation),
    onWorkload: () => undefined,
    onConnection: () => undefined,
    settings: { procFolder },
  });
  open.push({ engine: connection.value, sensors });
  return {
    sensors,
    observations,
    sight: (container, sensor) =>
      sensors.coverage(container).find((coverage) => coverage.sensor === sensor)?.sight,
    resources: (container) =>
      observations.filter(
        (observation): observation is ResourceObservation =>
          observation.kind === 'resource' && observation.container === container,
      ),
  };
}

afterEach(async () => {
  for (const { engine, sensors } of open.splice(0)) {
    await sensors.stop();
    engine.close();
  }
  await proxy?.close();
  proxy = undefined;
});

afterAll(async () => {
  await made?.removeAll();
});

/** Burns a third of a core, holds 20 MB of heap, has three processes, answers and asks over the network. */
const load = [
  '{ head -c 20000000 /dev/zero; sleep 600; } | tail -c 20000000 >/dev/null &',
  'ping -q -s 8000 -i 0.1 $(ip route | sed -n "s/^default via \\([^ ]*\\).*/\\1/p") >/dev/null 2>&1 &',
  'while :; do i=$((i+1)); [ $((i % 30000)) = 0 ] && sleep 0.05; done',
].join('\n');

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

describeAsRoot(['engine'], 'the two ways to the figures', () => {
  test(
    'agree on a container that burns CPU, memory, processes and network',
    { timeout: 240_000 },
    async () => {
      const container = await containers().start({ args: ['sh', '-c', load], cpus: 0.6 });
      const host = `unix://${engineSocket()}`;
      const [byFiles, byStats] = [await watch(host), await watch(host, '/nowhere')];
      const enough = (): boolean =>
        [byFiles, byStats].every((way) => way.resources(container.id).length >= 12);
      await until('twelve readings each', enough, 60_000);
      const files = byFiles.resources(container.id).slice(2, 12);
      const stats = byStats.resources(container.id).slice(2, 12);
      expect(new Set(files.map((sample) => sample.carrier))).toEqual(new Set(['cgroup']));
      expect(new Set(stats.map((sample) => sample.carrier))).toEqual(new Set(['stats']));
      const within = (
        name: string,
        share: number,
        floor: number,
        figure: (sample: ResourceObservation) => number,
      ): void => {
        const [left, right] = [mean(files.map(figure)), mean(stats.map(figure))];
        const room = Math.max(floor, share * Math.max(left, right));
        expect(Math.abs(left - right), `${name}: ${left} and ${right}`).toBeLessThan(room);
      };
      // The two are not read at the same moments, so averages over ten seconds are compared.
      within('CPU', 0.1, 0.02, (sample) => sample.cpuCores);
      within('memory', 0.05, 5e5, (sample) => sample.memoryBytes);
      within('heap', 0.05, 5e5, (sample) => sample.anonymousBytes);
      within('processes', 0.2, 1, (sample) => sample.pids);
      within('sent', 0.1, 500, (sample) => sample.network?.sentBytes ?? -1e9);
      within('received', 0.1, 500, (sample) => sample.network?.receivedBytes ?? -1e9);
      within('throttling', 0.3, 0.2, (sample) => sample.throttledShare);
      expect(mean(files.map((sample) => sample.cpuCores))).toBeGreaterThan(0.05);
      expect(mean(files.map((sample) => sample.network?.sentBytes ?? 0))).toBeGreaterThan(1000);
      expect(mean(files.map((sample) => sample.pids))).toBeGreaterThan(2);
      await container.remove();
    },
  );
});

describeWithEngine('blinded behind its back', () => {
  test('a stats stream that stalls shows as blind', { timeout: 240_000 }, async () => {
    const container = await containers().start({ args: ['sleep', '600'] });
    proxy = await openStallingProxy(engineSocket());
    const { sight } = await watch(proxy.host, '/nowhere');
    await until('seeing', () => sight(container.id, 'resource')?.state === 'seeing', 60_000);
    // Nor can anybody count its calls, where nothing but the engine tells of it.
    await until('a badge', () => sight(container.id, 'syscalls')?.state === 'blind', 10_000);
    expect(sight(container.id, 'syscalls')).toMatchObject({
      lasting: true,
      reason: expect.stringContaining('sentra helper install') as string,
    });
    proxy.stall('/stats');
    await until('blind', () => sight(container.id, 'resource')?.state === 'blind', 60_000);
    expect(sight(container.id, 'resource')).toMatchObject({
      reason: expect.stringContaining('stats stream') as string,
    });
    proxy.recover();
    await until('seeing again', () => sight(container.id, 'resource')?.state === 'seeing', 60_000);
    await container.remove();
  });

  test(
    'an event stream that stalls shows as blind, and what it kept back is told',
    { timeout: 240_000 },
    async () => {
      const first = await containers().start({ args: ['sleep', '600'] });
      proxy = await openStallingProxy(engineSocket());
      const { sight, observations, sensors } = await watch(proxy.host);
      await until('seeing', () => sight(first.id, 'lifecycle')?.state === 'seeing', 60_000);
      proxy.stall('/events');
      // Nothing happens meanwhile: it is the silence itself that is found.
      await until('blind', () => sight(first.id, 'lifecycle')?.state === 'blind', 60_000);
      expect(sight(first.id, 'lifecycle')).toMatchObject({
        reason: expect.stringContaining('has not opened its stream of events') as string,
      });
      const second = await containers().start({ args: ['sleep', '600'] });
      await sensors.processes(first.id);
      expect(sight(first.id, 'process')).toEqual({ state: 'on-demand' });
      const starts = (): Observation[] =>
        observations.filter(
          (observation) =>
            observation.kind === 'lifecycle' &&
            observation.container === second.id &&
            observation.event.name === 'start',
        );
      await until('the start', () => starts().length > 0, 60_000);
      proxy.recover();
      await until('seeing again', () => sight(first.id, 'lifecycle')?.state === 'seeing', 60_000);
      await new Promise((resolve) => setTimeout(resolve, 1000));
      expect(starts()).toHaveLength(1);

      // An engine that answers nothing at all cannot be asked for processes either.
      proxy.stall(' /');
      await until('blind', () => sight(first.id, 'process')?.state === 'blind', 60_000);
      expect(sight(first.id, 'lifecycle')?.state).toBe('blind');
      proxy.recover();
      await until('seeing again', () => sight(first.id, 'lifecycle')?.state === 'seeing', 60_000);
      expect(sight(first.id, 'process')?.state).not.toBe('blind');
      await first.remove();
      await second.remove();
    },
  );
});

describeAsRoot(['engine'], 'a container whose main process buries no children', () => {
  test('is seen whole beside its dead', { timeout: 240_000 }, async () => {
    // Becomes a program that never waits, as many a main process is.
    const dead = 'for i in 1 2 3; do sleep 0 & done; exec sleep 600';
    const container = await containers().start({ args: ['sh', '-c', dead] });
    const { sensors, sight, resources } = await watch(`unix://${engineSocket()}`);
    // It stands still, so that readings come every fifth second; the dead are met twice in that time.
    await until(
      'a reading after twelve seconds',
      () => {
        const times = resources(container.id).map(({ at }) => at);
        return (times.at(-1) ?? 0) - (times[0] ?? 0) > 12_000;
      },
      60_000,
    );
    expect(sensors.outside(container.id)).toBe(0);
    expect(sight(container.id, 'resource')).toMatchObject({ state: 'seeing' });
    await container.remove();
  });
});

describeAsRoot(['engine'], 'a container whose processes leave its cgroup', () => {
  test('shows as partly seen', { timeout: 240_000 }, async () => {
    const container = await containers().start({ args: ['sh', '-c', 'sleep 600 & wait'] });
    const { sight } = await watch(`unix://${engineSocket()}`);
    await until('seeing', () => sight(container.id, 'resource')?.state === 'seeing', 60_000);
    const main = (await container.inspect()).State.Pid;
    const elsewhere = makeCgroup();
    try {
      elsewhere.take(main);
      await until('partly', () => sight(container.id, 'resource')?.state === 'partly', 60_000);
      expect(sight(container.id, 'resource')).toMatchObject({
        reason: expect.stringContaining('moved to another cgroup') as string,
      });
    } finally {
      await container.remove();
      await elsewhere.remove();
    }
  });
});
