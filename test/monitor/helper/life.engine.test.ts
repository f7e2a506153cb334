import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Engine } from '../../../monitor/engine/port.ts';
import {
  installHelper,
  keepHelper,
  removeHelper,
  type HelperParts,
} from '../../../monitor/helper/helper-container.ts';
import { findHelperImage } from '../../../monitor/helper/helper-image.ts';
import { helperParts, callsIn, startHelper } from '../../../monitor/pipeline/helper-joint.ts';
import { makePrivateFolder } from '../../../monitor/rpc/socket/control-folder.ts';
import { systemClock } from '../../../monitor/runtime/clock.ts';
import { silentLogger } from '../../../monitor/runtime/logger.ts';
import { failed } from '../../../monitor/runtime/result.ts';
import { describeWith, engineSocket } from '../../engine/capabilities.ts';
import { testContainers } from '../../engine/containers.ts';
import type { TestContainer, TestContainers } from '../../engine/containers.ts';
import { demand } from '../../engine/engine-http.ts';
import { eventually } from '../egress/egress-stage.ts';
import { countedByStrace } from '../sensors/counted-by-strace.ts';
import { openSensorStage } from '../sensors/sensor-stage.ts';
import { killHelper } from './guarded-agent.ts';
import { connectToEngine } from '../../engine/connected-engine.ts';
import { folderOf, socketWay } from './helper-stage.ts';

describeWith(['engine', 'debian-image', 'root', 'kernel-sensor'], 'The helper’s life', () => {
  let engine: Engine;
  let containers: TestContainers;
  let folder: string;
  let parts: HelperParts;

  beforeAll(async () => {
    engine = await connectToEngine();
    containers = testContainers(engineSocket());
    folder = mkdtempSync(join(tmpdir(), 'sentra-life-'));
    parts = helperParts(engine, folder);
    expect(makePrivateFolder(folderOf(parts), 0)).toMatchObject({ ok: true });
  });

  afterEach(async () => {
    await removeHelper(parts);
    await containers.removeAll();
  });

  afterAll(() => {
    engine.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test('where nobody installed one it is absent, and none is made', async () => {
    expect(await keepHelper(parts, delay)).toEqual({ name: 'absent' });
    expect(await engine.helper.inspect()).toEqual({ ok: true, value: undefined });
  });

  test('without its image there is a sentence that says what to do, and nothing is made', async () => {
    const image = () => findHelperImage('/nowhere');
    const installed = await installHelper({ ...parts, image }, socketWay(parts), delay);
    expect(installed).toMatchObject({
      ok: false,
      error: expect.stringContaining('node scripts/helper-image.mjs') as string,
    });
    expect(await keepHelper({ ...parts, image }, delay)).toEqual({ name: 'absent' });
  });

  test('one that runs is used though its image is not at hand any more', async () => {
    expect(await installHelper(parts, socketWay(parts), delay)).toMatchObject({ ok: true });
    const image = () => failed('gone');
    expect(await keepHelper({ ...parts, image }, delay)).toMatchObject({ name: 'running' });
  });

  test('one that has ended is started again', async () => {
    expect(await installHelper(parts, socketWay(parts), delay)).toMatchObject({ ok: true });
    await demand(engineSocket(), 'POST', '/containers/sentra-helper/kill?signal=SIGKILL');
    await eventually('it has ended', async () => {
      const found = await engine.helper.inspect();
      return found.ok && found.value?.isRunning === false;
    });
    expect(await keepHelper(parts, delay)).toMatchObject({ name: 'running' });
  });

  test('one of another version is made anew', async () => {
    const image = findHelperImage();
    if (!image.ok) throw new Error(image.error);
    expect(await installHelper(parts, socketWay(parts), delay)).toMatchObject({ ok: true });
    const known = await engine.helper.image(image.value.tag);
    if (!known.ok || known.value === undefined) throw new Error('The image is not there.');
    await engine.helper.remove();
    const older = `sha256:${'0'.repeat(64)}`;
    const shape = { image: known.value.id, content: older, way: socketWay(parts) };
    expect(await engine.helper.create(shape)).toMatchObject({ ok: true });
    expect(await keepHelper(parts, delay)).toMatchObject({ name: 'running' });
    expect(await engine.helper.inspect()).toMatchObject({
      value: { content: image.value.layer, isRunning: true },
    });
  });

  test('a container of somebody else’s with its name is left alone', async () => {
    const other = await containers.start({ args: ['sleep', '100'], name: 'sentra-helper' });
    expect(await installHelper(parts, socketWay(parts), delay)).toMatchObject({
      ok: false,
      error: expect.stringContaining('is not Sentra’s') as string,
    });
    expect(await keepHelper(parts, delay)).toMatchObject({ name: 'failed' });
    expect(await removeHelper(parts)).toMatchObject({ ok: false });
    expect((await other.inspect()).State.Running).toBe(true);
  });

  test('calls counted through it agree with strace; killed it is blind, and counts again', async () => {
    expect(await installHelper(parts, socketWay(parts), delay)).toMatchObject({ ok: true });
    const settings = { always: true, periodMs: 500 };
    const around = { clock: systemClock, logger: silentLogger, helper: settings };
    const helper = startHelper(engine, { controlFolder: folder }, around);
    const stage = await openSensorStage({ engine, settings: callsIn(helper) });
    try {
      const script = 'for i in 1 2 3 4 5 6 7 8; do /bin/cat /etc/passwd >/dev/null; done';
      const loop = `while read -r _; do ${script}; done </tmp/gate`;
      const one = await stage.containers.start({
        image: 'debian',
        args: ['sh', '-c', `mkfifo /tmp/gate; exec 3<>/tmp/gate; ${loop}`],
      });
      const two = await stage.containers.start({
        image: 'debian',
        args: ['sleep', '1000'],
        network: 'none',
        hostConfig: { Runtime: 'runsc' },
      });
      const state = (of: TestContainer) => stage.sight(of, 'syscalls')?.state;
      const root = `/proc/${(await one.inspect()).State.Pid}/root`;
      const log = join(folder, 'strace');
      const [full, empty] = [countedByStrace(log, root, script), countedByStrace(log, root, ':')];
      const calls = ['openat', 'mmap', 'fadvise64', 'brk', 'wait4'];
      const expected = calls.map((call) => [call, (full.get(call) ?? 0) - (empty.get(call) ?? 0)]);

      const agrees = async (): Promise<void> => {
        await eventually('calls are seen', () => state(one) === 'seeing');
        const from = await stage.settled(one);
        spawnSync('sh', ['-c', `echo 1 >${root}/tmp/gate`]);
        await eventually('all were made', () => stage.total(one, 'fadvise64', from) >= 8);
        await stage.settled(one);
        expect(calls.map((call) => [call, stage.total(one, call, from)])).toEqual(expected);
      };
      const agreesUnderGvisor = async (): Promise<void> => {
        await eventually('gVisor tells', () => state(two) === 'partly');
        const from = await stage.settled(two);
        expect(await two.exec(['sh', '-c', script])).toBe(0);
        await stage.settled(two);
        const through = calls.map((call) => stage.total(two, call, from));
        expect(await two.exec(['sh', '-c', ':'])).toBe(0);
        await stage.settled(two);
        // Less what the shell itself needs to begin and end.
        expect(
          calls.map((call, i) => [call, 2 * (through[i] ?? 0) - stage.total(two, call, from)]),
        ).toEqual(expected);
      };
      await agrees();
      await agreesUnderGvisor();
      await killHelper();
      await eventually('it is blind', () => state(one) === 'blind' && state(two) === 'blind');
      await agrees();
      await agreesUnderGvisor();
    } finally {
      await stage.close();
      await helper?.stop();
    }
  });
});
