import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { HelperCalls } from '../../../monitor/engine/helper-calls.ts';
import type { Engine } from '../../../monitor/engine/port.ts';
import {
  installHelper,
  keepHelper,
  removeHelper,
  type HelperParts,
} from '../../../monitor/helper/helper-container.ts';
import { helperParts } from '../../../monitor/pipeline/helper-joint.ts';
import { describeWith, engineSocket } from '../../engine/capabilities.ts';
import { connectToEngine } from '../../engine/connected-engine.ts';
import { ask, demand } from '../../engine/engine-http.ts';
import { eventually } from '../egress/egress-stage.ts';
import { portWay } from './helper-stage.ts';
import { followPublishedPort } from './port-stage.ts';

describeWith(
  ['engine', 'debian-image', 'root', 'kernel-sensor'],
  'A helper by port, half installed, half removed, or seized at the same time',
  () => {
    let engine: Engine;
    let folder: string;
    let parts: HelperParts;
    let stopFollowing: () => Promise<void>;

    beforeAll(async () => {
      engine = await connectToEngine();
      folder = mkdtempSync(join(tmpdir(), 'sentra-broken-'));
      parts = helperParts(engine, folder);
      stopFollowing = followPublishedPort();
    });

    afterEach(async () => {
      await removeHelper(parts);
      await ask(engineSocket(), 'DELETE', '/networks/sentra-helper');
    });

    afterAll(async () => {
      engine.close();
      await stopFollowing();
      rmSync(folder, { recursive: true, force: true });
    });

    /** The same person's monitor, which takes over a helper whose key it has not. */
    const seize = async (): Promise<void> =>
      expect(await keepHelper(helperParts(engine, folder), delay)).toMatchObject({
        name: 'running',
      });

    async function installBeside(change: (calls: HelperCalls) => Partial<HelperCalls>) {
      const calls = { ...engine.helper, ...change(engine.helper) };
      const installed = await installHelper({ ...parts, calls }, portWay(parts), delay);
      expect(installed).toMatchObject({ ok: true });
      // It is there, and is what answers.
      expect(await parts.client.ask({ verb: 'hello' })).toMatchObject({ ok: true });
    }

    test('a monitor that seizes it before it has answered does not undo the installation', async () => {
      let seized = 0;
      await installBeside((calls) => ({
        async inspect() {
          const found = await calls.inspect();
          if (!found.ok || found.value?.isRunning !== true || seized === 2) return found;
          seized += 1;
          await seize();
          return found;
        },
      }));
      expect(seized).toBe(2);
    });

    test('a monitor that starts it first does not undo the installation', async () => {
      await installBeside((calls) => ({
        async create(shape) {
          const created = await calls.create(shape);
          await seize();
          return created;
        },
      }));
    });

    test('what runs already takes no second key', async () => {
      expect(await installHelper(parts, portWay(parts), delay)).toMatchObject({ ok: true });
      expect(await engine.helper.startWith(Buffer.from('no key\n'))).toMatchObject({
        ok: false,
        error: { kind: 'conflict' },
      });
      expect(await parts.client.ask({ verb: 'hello' })).toMatchObject({ ok: true });
    });

    test('a network that was left behind is taken away', async () => {
      expect(await engine.helper.createNetwork()).toMatchObject({ ok: true });
      expect(await removeHelper(parts)).toEqual({ ok: true, value: 'absent' });
      expect(await engine.helper.network()).toEqual({ ok: true, value: undefined });
    });

    test('a network of somebody else’s with its name stays, and so does the helper', async () => {
      expect(await installHelper(parts, portWay(parts), delay)).toMatchObject({ ok: true });
      await engine.helper.end();
      await eventually('it has ended', async () => {
        const found = await engine.helper.inspect();
        return found.ok && found.value?.isRunning === false;
      });
      expect(await engine.helper.removeNetwork()).toMatchObject({ ok: true });
      const body = { Name: 'sentra-helper', Driver: 'bridge' };
      await demand(engineSocket(), 'POST', '/networks/create', { body });
      expect(await keepHelper(parts, delay)).toMatchObject({
        name: 'failed',
        reason: expect.stringContaining('not Sentra’s') as string,
      });
      // What the person agreed to is not lost by it.
      expect(await engine.helper.inspect()).toMatchObject({ value: { isRunning: false } });
      expect(await removeHelper(parts)).toEqual({ ok: true, value: 'removed' });
      expect(await engine.helper.network()).toEqual({ ok: true, value: 'other' });
      await demand(engineSocket(), 'DELETE', '/networks/sentra-helper');
      expect(await installHelper(parts, portWay(parts), delay)).toMatchObject({ ok: true });
    });
  },
);
