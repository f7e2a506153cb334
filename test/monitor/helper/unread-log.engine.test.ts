import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { compileResolver } from '../../../monitor/egress/resolver/resolver-config.ts';
import { resolverPort } from '../../../monitor/egress/wall/wall-numbers.ts';
import { planWall } from '../../../monitor/egress/wall/wall-plan.ts';
import type { Engine } from '../../../monitor/engine/port.ts';
import {
  installHelper,
  removeHelper,
  type HelperParts,
} from '../../../monitor/helper/helper-container.ts';
import { helperParts } from '../../../monitor/pipeline/helper-joint.ts';
import { makePrivateFolder } from '../../../monitor/rpc/socket/control-folder.ts';
import { describeWith, engineSocket } from '../../engine/capabilities.ts';
import { connectToEngine } from '../../engine/connected-engine.ts';
import { testContainers } from '../../engine/containers.ts';
import type { TestContainer, TestContainers } from '../../engine/containers.ts';
import { eventually } from '../egress/egress-stage.ts';
import { manyQuestions } from '../egress/many-questions.ts';
import { folderOf, socketWay } from './helper-stage.ts';

describeWith(
  ['engine', 'debian-image', 'root', 'kernel-sensor'],
  'A resolver that the helper started, whose log nobody reads,',
  () => {
    let engine: Engine;
    let containers: TestContainers;
    let agent: TestContainer;
    let folder: string;

    beforeAll(async () => {
      engine = await connectToEngine();
      folder = mkdtempSync(join(tmpdir(), 'sentra-unread-'));
      containers = testContainers(engineSocket());
      agent = await containers.start({ args: ['sleep', '10000'], image: 'debian' });
    });

    afterAll(async () => {
      await containers.removeAll();
      engine.close();
      rmSync(folder, { recursive: true, force: true });
    });

    /** Starts a resolver in the agent's network; its log is not read until somebody does. */
    async function startResolver({ client }: HelperParts): Promise<Duplex> {
      const { State: state } = await agent.inspect();
      const plan = planWall('enforce', { rules: [] }, [], []);
      if (!plan.ok) throw new Error(plan.error);
      const place = { container: agent.id, pid: state.Pid };
      const configuration = compileResolver(plan.value, false);
      const opened = await client.open({ verb: 'resolve', place, configuration });
      if (!opened.ok) throw new Error(opened.error);
      opened.value.on('error', () => undefined);
      return opened.value;
    }

    test('goes on answering, and says how much was lost', async () => {
      const parts = helperParts(engine, folder);
      expect(makePrivateFolder(folderOf(parts), 0)).toMatchObject({ ok: true });
      expect(await installHelper(parts, socketWay(parts), delay)).toMatchObject({ ok: true });
      try {
        const log = await startResolver(parts);
        await eventually('it answers', async () => (await ask(1)) === 0);
        expect(await ask(12_000)).toBe(0);
        let text = '';
        log.on('data', (chunk: Buffer) => (text += chunk.toString())).resume();
        const lost = () =>
          [...text.matchAll(/overflow: (\d+) log entries lost/g)].reduce(
            (sum, [, count]) => sum + Number(count),
            0,
          );
        const told = () => text.match(/ n\d{5}[.]test /g)?.length ?? 0;
        // Each question is two entries: what was asked, and how it was answered.
        await eventually('every entry is told or lost', () => told() + lost() >= 2 * 12_000);
        expect(lost()).toBeGreaterThan(0);
        log.destroy();
      } finally {
        await parts.client.ask({ verb: 'forget', container: agent.id });
        await removeHelper(parts);
      }
    });

    const ask = (count: number): Promise<number> =>
      agent.exec(['python3', '-c', manyQuestions(count, resolverPort)], 180_000);
  },
);
