import { afterAll, beforeAll, expect, test } from 'vitest';
import * as z from 'zod';
import { describeWith, engineSocket } from '../engine/capabilities.ts';
import { testContainers, type TestContainer, type TestContainers } from '../engine/containers.ts';
import { demand } from '../engine/engine-http.ts';
import { containAll } from '../scenarios/stage.ts';
import { eventually, openWatch, type Watch } from '../scenarios/watch.ts';

const image = 'sentra-test/busybox:borrowed';
const digest = `sha256:${'0'.repeat(64)}`;

describeWith(['engine', 'root'], 'A container whose image bears labels of Sentra’s own', () => {
  let containers: TestContainers;
  let watch: Watch;
  let agent: TestContainer;

  beforeAll(async () => {
    containers = testContainers(engineSocket());
    const plain = await containers.start({ args: ['true'] });
    // As the LABEL of a Dockerfile does it: whoever starts the container has said nothing of them.
    const query = new URLSearchParams({ container: plain.id, repo: 'sentra-test/busybox' });
    query.set('tag', 'borrowed');
    query.append('changes', 'LABEL sentra.role=sensor');
    query.append('changes', `LABEL sentra.helper=${digest}`);
    await demand(engineSocket(), 'POST', `/commit?${query.toString()}`);
    watch = await openWatch({ engine: `unix://${engineSocket()}`, policy: containAll });
    agent = await containers.start({
      image: 'busybox:borrowed',
      args: ['sh', '-c', 'sleep 10; while :; do tail /dev/zero; sleep 1; done'],
      memory: 16 * 1024 * 1024,
    });
  });

  afterAll(async () => {
    await watch.close();
    await containers.removeAll();
    await demand(engineSocket(), 'DELETE', `/images/${image}?force=1`);
  });

  test('has them from there', async () => {
    const { Config } = z
      .looseObject({ Config: z.looseObject({ Labels: z.record(z.string(), z.string()) }) })
      .parse(await agent.inspect());
    expect(Config.Labels).toMatchObject({ 'sentra.role': 'sensor', 'sentra.helper': digest });
  });

  test('is watched, and held by the policy', async () => {
    await eventually('it is watched', () => watch.view(agent.id) !== undefined, 20_000);
    const held = (): boolean => watch.ended(agent.id).includes('pause proved');
    await eventually('it is held', held, 60_000);
    expect((await agent.inspect()).State.Paused).toBe(true);
  });

  test('is killed when a person says so', async () => {
    const killed = await watch.monitor.service.act({ name: 'kill', target: agent.name });
    expect(killed).toMatchObject({ ok: true, value: { outcome: { state: 'proved' } } });
    expect((await agent.inspect()).State.Running).toBe(false);
  });
});
