import { existsSync, rmdirSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { folderOf, parseMembership } from '../../../../monitor/sensors/resource/cgroup-paths.ts';
import { readMounts } from '../../../../monitor/sensors/resource/cgroup-source.ts';
import { textOf } from '../../../../monitor/sensors/resource/held-file.ts';
import type { TestContainer } from '../../../engine/containers.ts';
import { until } from '../fake-engine.ts';
import { describeAsRoot } from '../real-cgroup.ts';
import { openSensorStage, type SensorStage } from '../sensor-stage.ts';

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
    let stage: SensorStage;
    beforeAll(async () => {
      stage = await openSensorStage();
    });

    afterAll(() => stage.close());

    async function waiting(binds: readonly string[] = []): Promise<TestContainer> {
      const container = await stage.containers.start({
        image: 'debian',
        args: ['sleep', '600'],
        binds,
      });
      const isSeen = () => stage.sight(container, 'syscalls')?.state === 'seeing';
      await until('seeing', isSeen, 60_000);
      return container;
    }

    test('are the container’s, and who moves itself there is no runtime', async () => {
      const other = await waiting();
      // Where the engine keeps the cgroups of all its containers.
      const one = await waiting([`${dirname(await cgroupFolder(other))}:/cg`]);
      const folder = await cgroupFolder(one);
      const inner = `/cg/${basename(folder)}/inner/innermost`;
      const [before, otherBefore] = [
        stage.of('syscalls', one).length,
        stage.of('syscalls', other).length,
      ];
      // It reads the shadow file by itself, and starts no program in between.
      const script = `mkdir -p ${inner}; echo $$ >${inner}/cgroup.procs; read -r x </etc/shadow
        dd if=/dev/zero of=/dev/null bs=1 count=20000; /bin/cat /proc/self/cgroup >/tmp/where`;
      try {
        expect(await one.exec(['sh', '-c', script])).toBe(0);
        await stage.settled(one);
        expect(await one.exec(['grep', '-q', 'inner/innermost', '/tmp/where'])).toBe(0);
        const written = stage.total(one, 'write', before);
        expect(written).toBeGreaterThanOrEqual(20_000);
        expect(written).toBeLessThan(20_200);
        expect(stage.total(other, 'write', otherBefore)).toBe(0);
        const programs = stage.of('process-start', one).map(({ program }) => program);
        expect(programs).toEqual(expect.arrayContaining(['/usr/bin/dd', '/usr/bin/cat']));
        expect(stage.of('process-start', other)).toEqual([]);
        expect(stage.of('rare-call', one)).toMatchObject([
          { call: 'openat', target: '/etc/shadow' },
        ]);
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
