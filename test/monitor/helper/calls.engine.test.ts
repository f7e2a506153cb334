import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Engine } from '../../../monitor/engine/port.ts';
import {
  installHelper,
  removeHelper,
  type HelperParts,
} from '../../../monitor/helper/helper-container.ts';
import { helperParts, callsIn, startHelper } from '../../../monitor/pipeline/helper-joint.ts';
import { makePrivateFolder } from '../../../monitor/rpc/socket/control-folder.ts';
import { systemClock } from '../../../monitor/runtime/clock.ts';
import { silentLogger } from '../../../monitor/runtime/logger.ts';
import { describeWith } from '../../engine/capabilities.ts';
import { eventually } from '../egress/egress-stage.ts';
import { countedByStrace } from '../sensors/counted-by-strace.ts';
import { openSensorStage, type SensorStage } from '../sensors/sensor-stage.ts';
import { connectToEngine } from '../../engine/connected-engine.ts';
import { folderOf, socketWay } from './helper-stage.ts';

describeWith(
  ['engine', 'debian-image', 'root', 'kernel-sensor'],
  'System calls seen through the helper',
  () => {
    let engine: Engine;
    let folder: string;
    let parts: HelperParts;
    let helper: ReturnType<typeof startHelper>;
    let stage: SensorStage;

    beforeAll(async () => {
      engine = await connectToEngine();
      folder = mkdtempSync(join(tmpdir(), 'sentra-calls-'));
      parts = helperParts(engine, folder);
      expect(makePrivateFolder(folderOf(parts), 0)).toMatchObject({ ok: true });
      expect(await installHelper(parts, socketWay(parts), delay)).toMatchObject({ ok: true });
      const settings = { always: true, periodMs: 500 };
      const around = { clock: systemClock, logger: silentLogger, helper: settings };
      helper = startHelper(engine, { controlFolder: folder }, around);
      stage = await openSensorStage({ engine, settings: callsIn(helper) });
    });

    afterAll(async () => {
      await stage.close();
      await helper?.stop();
      await removeHelper(parts);
      engine.close();
      rmSync(folder, { recursive: true, force: true });
    });

    test('agree with strace, starts and all, while thirty containers start and stop', async () => {
      const script =
        'for i in 1 2 3 4 5 6 7 8 9 10; do /bin/cat /etc/passwd >/dev/null; sleep 0.5; done';
      const loop = `while read -r _; do ${script}; done </tmp/gate`;
      const one = await stage.containers.start({
        image: 'debian',
        args: ['sh', '-c', `mkfifo /tmp/gate; exec 3<>/tmp/gate; ${loop}`],
      });
      await eventually('calls are seen', () => stage.sight(one, 'syscalls')?.state === 'seeing');
      const windows = await stage.settled(one);
      const starts = stage.of('process-start', one).length;
      const root = `/proc/${(await one.inspect()).State.Pid}/root`;
      spawnSync('sh', ['-c', `echo 1 >${root}/tmp/gate`]);

      // Each tells itself apart by what it starts; as many at once as the machine bears.
      const ids = new Map<string, string>();
      const marks = Array.from({ length: 30 }, (_, number) => `crowd-${number}`);
      async function startAndStop(): Promise<void> {
        for (let mark = marks.pop(); mark !== undefined; mark = marks.pop()) {
          const short = 'for i in 1 2 3 4 5 6; do sleep 0.3; /bin/echo $0 >/dev/null; done';
          const container = await stage.containers.start({ args: ['sh', '-c', short, mark] });
          ids.set(mark, container.id);
          await delay(2_500);
          await container.remove();
        }
      }
      await Promise.all([startAndStop(), startAndStop(), startAndStop(), startAndStop()]);
      const mine = () => stage.of('process-start', one).slice(starts);
      await eventually('its starts', () => mine().length >= 20);
      await stage.settled(one);

      expect(mine().map(({ program }) => program)).toEqual(
        Array(10).fill(['/usr/bin/cat', '/usr/bin/sleep']).flat(),
      );
      const log = join(folder, 'strace');
      const [full, empty] = [countedByStrace(log, root, script), countedByStrace(log, root, ':')];
      const calls = ['execve', 'openat', 'close', 'fadvise64', 'clock_nanosleep', 'wait4', 'brk'];
      const seen = calls.map((call) => [call, stage.total(one, call, windows)]);
      expect(seen).toEqual(
        calls.map((call) => [call, (full.get(call) ?? 0) - (empty.get(call) ?? 0)]),
      );

      // Of those of the crowd that were seen at all, each start belongs to the container that made it.
      const ofCrowd = stage.observations
        .filter((each) => each.kind === 'process-start')
        .filter(({ container }) => container !== one.id)
        .flatMap(({ container, arguments: words }) => {
          const mark = /crowd-\d+/.exec(words.join(' '))?.[0];
          return mark === undefined ? [] : [[mark, container]];
        });
      expect(ofCrowd).toEqual(ofCrowd.map(([mark]) => [mark, ids.get(mark ?? '')]));
      expect(new Set(ofCrowd.map(([mark]) => mark)).size).toBeGreaterThan(20);
    });
  },
);
