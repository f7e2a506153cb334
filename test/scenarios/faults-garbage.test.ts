import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWithEngine, engineSocket } from '../engine/capabilities.ts';
import { testContainers, type TestContainer, type TestContainers } from '../engine/containers.ts';
import { openGarblingProxy, type GarblingProxy, type Spoiling } from './garbling-proxy.ts';
import { eventually, openWatch, type Watch } from './watch.ts';

const working = [
  'sh',
  '-c',
  'while :; do i=0; while [ $i -lt 4000 ]; do i=$((i+1)); done; sleep 0.1; done',
];

/** Every way of the monitor to the engine's word on containers. */
const everything = ['/containers/json', '/json', '/stats', '/events'];

describeWithEngine('An engine that answers garbage', () => {
  let containers: TestContainers;
  let proxy: GarblingProxy;
  let watch: Watch;
  let worker: TestContainer;

  beforeAll(async () => {
    containers = testContainers(engineSocket());
    proxy = await openGarblingProxy(engineSocket());
    worker = await containers.start({ args: working });
    // By the engine's word alone, figures too.
    watch = await openWatch({ engine: proxy.host, byApi: true, learnMs: 3_000 });
    await eventually(
      'it is learned',
      () => watch.view(worker.id)?.learning.state === 'learned',
      60_000,
    );
  });

  afterAll(async () => {
    await watch.close();
    await proxy.close();
    await containers.removeAll();
  });

  const connection = () => watch.monitor.service.snapshot().connection;
  const dropped = (): number =>
    watch.view(worker.id)?.coverage.reduce((sum, coverage) => sum + coverage.dropped, 0) ?? 0;

  const forms: readonly Spoiling[] = ['no-json', 'wrong-types', 'half'];
  for (const form of forms) {
    test(`(${form}) is told or counted, and forgotten when it ends`, async () => {
      const before = dropped();
      const spoiledBefore = proxy.spoiled();
      proxy.spoil(form, everything);
      // Something for the events and the inspections to tell.
      await worker.exec(['true']);
      const newcomer = await containers.start({ args: ['sleep', '1000'] });
      await eventually('it is told', () => connection().state === 'reconnecting', 60_000);
      expect(connection()).toMatchObject({
        error: expect.stringMatching(
          form === 'half' ? /in mid-talk/ : /list of containers" makes no sense/,
        ) as unknown,
      });
      // Pieces that made no sense are counted; halves come again whole.
      if (form !== 'half') expect(dropped()).toBeGreaterThan(before);
      expect(watch.sight(worker.id, 'lifecycle')).toBe('blind');
      expect(watch.view(worker.id)).toBeDefined();
      expect(proxy.spoiled()).toBeGreaterThan(spoiledBefore);
      await delay(1_000);

      proxy.mend();
      const mendedAt = Date.now();
      await eventually('it is connected', () => connection().state === 'connected', 60_000);
      await eventually('readings', () => watch.readings(worker.id, mendedAt) > 1, 60_000);
      await eventually(
        'what came meanwhile is known',
        () => watch.view(newcomer.id) !== undefined,
        60_000,
      );
      expect(watch.sight(worker.id, 'lifecycle')).toBe('seeing');
      expect(watch.sight(worker.id, 'resource')).toBe('seeing');
      await newcomer.remove();
    }, 240_000);
  }

  test('amid an action is told as what it is, and the action is made good', async () => {
    proxy.spoil('wrong-types', ['/json?', `${worker.id}/json`]);
    const amid = await watch.monitor.service.act({ name: 'pause', target: worker.id });
    // Not known is not done, though it was.
    expect(amid).toMatchObject({ ok: true, value: { outcome: { state: 'failed' } } });
    expect((await worker.inspect()).State.Paused).toBe(true);
    expect(watch.view(worker.id)?.containment).toMatchObject({ depth: 'frozen' });
    proxy.mend();
    await eventually(
      'it is off its network',
      async () => Object.keys((await worker.inspect()).NetworkSettings.Networks).length === 0,
      60_000,
    );
    const released = await watch.monitor.service.act({ name: 'release', target: worker.id });
    expect(released).toMatchObject({ ok: true, value: { container: worker.id } });
    expect((await worker.inspect()).State.Paused).toBe(false);
  });

  test('a container that went without a word is told as gone when it is acted on', async () => {
    const fleeting = await containers.start({ args: ['sleep', '1000'] });
    await eventually('it is known', () => watch.view(fleeting.id) !== undefined, 60_000);
    proxy.spoil('mute', ['/events']);
    await fleeting.remove();
    const act = await watch.monitor.service.act({ name: 'pause', target: fleeting.id });
    expect(act).toMatchObject({
      ok: true,
      value: { outcome: { state: 'failed', reason: 'Gone: the container is no longer there.' } },
    });
    expect(watch.actions.filter(({ container }) => container === fleeting.id)).toHaveLength(2);
    proxy.mend();
    await eventually('it is forgotten', () => watch.view(fleeting.id) === undefined, 60_000);
  });
});
