import { existsSync, rmdirSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectEngine } from '../../../../monitor/engine/connect.ts';
import { systemEnvironment } from '../../../../monitor/engine/environment.ts';
import type { Engine } from '../../../../monitor/engine/port.ts';
import type { Observation } from '../../../../monitor/model/observation.ts';
import { systemClock } from '../../../../monitor/runtime/clock.ts';
import { silentLogger } from '../../../../monitor/runtime/logger.ts';
import { folderOf, parseMembership } from '../../../../monitor/sensors/resource/cgroup-paths.ts';
import { readMounts } from '../../../../monitor/sensors/resource/cgroup-source.ts';
import { textOf } from '../../../../monitor/sensors/resource/held-file.ts';
import { startSensors, type Sensors } from '../../../../monitor/sensors/sensors.ts';
import { engineSocket } from '../../../engine/capabilities.ts';
import { testContainers, type TestContainer } from '../../../engine/containers.ts';
import { until } from '../fake-engine.ts';
import { describeAsRoot } from '../real-cgroup.ts';

/** The folder of a container's cgroup, where the kernel sensor looks for its id. */
async function cgroupFolder(container: TestContainer): Promise<string> {
  const text = textOf(`/proc/${(await container.inspect()).State.Pid}/cgroup`) ?? '';
  const folder = folderOf(readMounts('/proc'), parseMembership(text), 'pids')?.folder;
  if (folder === undefined) throw new Error('The container has no cgroup.');
  return folder;
}

describeAsRoot(
  ['engine', 'debian-image', 'kernel-sensor'],
  'System calls of cgroups that a container makes beneath its own',
  () => {
    const observations: Observation[] = [];
    let engine: Engine;
    let sensors: Sensors;
    let made: ReturnType<typeof testContainers>;

    beforeAll(async () => {
      made = testContainers(engineSocket());
      const connection = await connectEngine({
        endpoint: `unix://${engineSocket()}`,
        environment: systemEnvironment(),
        logger: silentLogger,
        signal: new AbortController().signal,
      });
      if (!connection.ok) throw new Error(JSON.stringify(connection.error));
      engine = connection.value;
      sensors = startSensors({
        reader: engine,
        selects: (summary) => summary.labels['sentra.test'] === made.run,
        clock: systemClock,
        logger: silentLogger,
        onObservation: (observation) => observations.push(observation),
        onWorkload: () => undefined,
        onConnection: () => undefined,
      });
    });

    afterAll(async () => {
      await sensors.stop();
      engine.close();
      await made.removeAll();
    });

    function of<Kind extends Observation['kind']>(kind: Kind, { id }: TestContainer) {
      return observations.filter(
        (one): one is Extract<Observation, { kind: Kind }> =>
          one.kind === kind && 'container' in one && one.container === id,
      );
    }
    const total = (container: TestContainer, call: string, from: number): number =>
      of('syscalls', container)
        .slice(from)
        .reduce((sum, { counts }) => sum + (counts[call] ?? 0), 0);

    async function waiting(binds: readonly string[] = []): Promise<TestContainer> {
      const container = await made.start({ image: 'debian', args: ['sleep', '600'], binds });
      const sight = () => sensors.coverage(container.id).find((one) => one.sensor === 'syscalls');
      await until('seeing', () => sight()?.sight.state === 'seeing', 60_000);
      return container;
    }

    async function settled(container: TestContainer): Promise<void> {
      const before = of('syscalls', container).length;
      await until('two more windows', () => of('syscalls', container).length >= before + 2, 60_000);
    }

    test('are the container’s, and who moves itself there is no runtime', async () => {
      const other = await waiting();
      // Where the engine keeps the cgroups of all its containers.
      const one = await waiting([`${dirname(await cgroupFolder(other))}:/cg`]);
      const folder = await cgroupFolder(one);
      const inner = `/cg/${basename(folder)}/inner/innermost`;
      const [before, otherBefore] = [of('syscalls', one).length, of('syscalls', other).length];
      // It reads the shadow file by itself, and starts no program in between.
      const script = `mkdir -p ${inner}; echo $$ >${inner}/cgroup.procs; read -r x </etc/shadow
        dd if=/dev/zero of=/dev/null bs=1 count=20000; /bin/cat /proc/self/cgroup >/tmp/where`;
      try {
        expect(await one.exec(['sh', '-c', script])).toBe(0);
        await settled(one);
        expect(await one.exec(['grep', '-q', 'inner/innermost', '/tmp/where'])).toBe(0);
        const written = total(one, 'write', before);
        expect(written).toBeGreaterThanOrEqual(20_000);
        expect(written).toBeLessThan(20_200);
        expect(total(other, 'write', otherBefore)).toBe(0);
        const programs = of('process-start', one).map(({ program }) => program);
        expect(programs).toEqual(expect.arrayContaining(['/usr/bin/dd', '/usr/bin/cat']));
        expect(of('process-start', other)).toEqual([]);
        expect(of('rare-call', one)).toMatchObject([{ call: 'openat', target: '/etc/shadow' }]);
      } finally {
        await one.remove();
        await other.remove();
        // The engine removes its own alone.
        for (const each of [`${folder}/inner/innermost`, `${folder}/inner`]) {
          if (existsSync(each)) rmdirSync(each);
        }
      }
    });
  },
);
