import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith, engineSocket } from '../engine/capabilities.ts';
import { testContainers, type TestContainer, type TestContainers } from '../engine/containers.ts';
import { containAll } from './stage.ts';
import { eventually, openWatch, type Watch } from './watch.ts';

describeWith(['engine', 'root'], 'Under a policy that contains, on a real engine', () => {
  let containers: TestContainers;
  let watch: Watch;
  let gates: string;

  beforeAll(async () => {
    gates = await mkdtemp(join(tmpdir(), 'sentra-gates-'));
    containers = testContainers(engineSocket());
    watch = await openWatch({ engine: `unix://${engineSocket()}`, policy: containAll });
  });

  afterAll(async () => {
    await watch.close();
    await containers.removeAll();
    rmSync(gates, { recursive: true, force: true });
  });

  /** Waits for its gate to open, then uses more memory than it may have. */
  function villain(name: string): Promise<TestContainer> {
    const folder = join(gates, name);
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder);
    const script =
      'while [ ! -e /gate/open ]; do sleep 0.1; done; tail /dev/zero; while :; do sleep 1; done';
    return containers.start({
      name: `${name}-${containers.run}`,
      args: ['sh', '-c', script],
      memory: 16 * 1024 * 1024,
      binds: [`${folder}:/gate`],
    });
  }

  const openGate = (name: string): void => writeFileSync(join(gates, name, 'open'), '');

  const isLearned = (container: TestContainer): boolean =>
    watch.view(container.id)?.learning.state === 'learned';

  async function expectFrozen(container: TestContainer): Promise<void> {
    await eventually(
      `${container.name} is contained`,
      () => watch.ended(container.id).includes('pause proved'),
      60_000,
    );
    const now = await container.inspect();
    expect(now.State.Paused).toBe(true);
    expect(Object.keys(now.NetworkSettings.Networks)).toEqual([]);
  }

  test('a container that is made again under its name is known by what it learned, and held again', async () => {
    const old = await villain('again');
    await eventually('it is learned', () => isLearned(old), 60_000);
    const key = watch.view(old.id)?.workload.key;
    openGate('again');
    await expectFrozen(old);

    await old.remove();
    const successor = await villain('again');
    expect(successor.id).not.toBe(old.id);
    const isUp = (): boolean => watch.view(successor.id)?.workload.state === 'running';
    await eventually('the new one is known', isUp, 60_000);
    expect(watch.view(successor.id)).toMatchObject({
      workload: { key },
      learning: { state: 'learned' },
      containment: undefined,
      findings: { open: 0 },
    });
    await eventually('the old one is forgotten', () => watch.view(old.id) === undefined, 60_000);
    openGate('again');
    await expectFrozen(successor);

    const { workloads } = watch.monitor.service.snapshot();
    expect(workloads.map(({ workload }) => workload.container)).not.toContain(old.id);
    const held = workloads.filter(({ containment }) => containment !== undefined);
    expect(held.map(({ workload }) => workload.container)).toEqual([successor.id]);
    const open = watch.monitor.service.findings({ status: 'open', workload: key, limit: 100 });
    expect(open.map(({ container }) => container)).not.toContain(old.id);
    // What is said of it last: that nothing is left to hold.
    await eventually(
      'its end is told',
      () => watch.ended(old.id).includes('release proved'),
      60_000,
    );
    // A containment of what is gone is no target any more.
    const release = await watch.monitor.service.act({ name: 'release', target: old.id });
    expect(release).toMatchObject({ ok: false, error: { kind: 'unknown-target' } });
    await successor.remove();
  });

  test('containers that vanish while they are acted on leave words and nothing else', async () => {
    const vanishing = await Promise.all(
      Array.from({ length: 8 }, (_, index) => villain(`vanishing-${index}`)),
    );
    await eventually('all are learned', () => vanishing.every(isLearned), 60_000);
    // Each goes a little later after what was found about it: before, amid and after the freeze.
    const removals = vanishing.map(async (container, index) => {
      await eventually('it is found', () => watch.alarms(container.id).length > 0, 60_000);
      await delay(index * 8);
      // A freeze between the engine's kill and the death keeps the dead from dying: asked again, it goes.
      await container.remove().catch(() => container.remove());
    });
    for (const index of vanishing.keys()) openGate(`vanishing-${index}`);
    await Promise.all(removals);
    const isForgotten = ({ id }: TestContainer): boolean =>
      watch.view(id) === undefined &&
      watch
        .recorded()
        .every(({ container, outcome }) => container !== id || outcome.state !== 'started');
    await eventually('all are forgotten', () => vanishing.every(isForgotten), 60_000);
    // Time enough for whatever would be tried again.
    await delay(6_000);
    for (const { id } of vanishing) {
      const actions = watch.recorded().filter((one) => one.container === id);
      // Two for the decision; that what was held has ended, and that it is gone.
      expect(actions.length).toBeLessThanOrEqual(4);
      for (const { outcome } of actions) {
        expect(outcome.state).not.toBe('started');
        if (outcome.state === 'failed') expect(outcome.reason).toContain('Gone:');
      }
    }
    expect(watch.lost()).toEqual([]);
    expect(watch.log.filter((line) => line.includes('was not carried out'))).toEqual([]);
  }, 240_000);

  test('a policy file that breaks is told by its line, and the last good one holds until it is mended', async () => {
    const agent = await villain('policy');
    await eventually('it is learned', () => isLearned(agent), 60_000);
    watch.writePolicy(
      `${containAll}  - name: broken\n    when: finding.severity >=\n    do: [explode]\n`,
    );
    const policy = () => watch.monitor.service.snapshot().policy;
    await eventually('the problem is shown', () => policy().problems.length > 0, 60_000);
    expect(policy()).toMatchObject({ mode: 'enforce' });
    const problems = policy().problems.map(({ severity, line }) => [severity, line]);
    expect(problems).toContainEqual(['error', 11]);
    openGate('policy');
    await expectFrozen(agent);

    watch.writePolicy(containAll.replace('mode: enforce', 'mode: observe'));
    await eventually('the mended file is taken', () => policy().mode === 'observe', 60_000);
    expect(policy().problems).toEqual([]);
    await agent.remove();
  });
});
