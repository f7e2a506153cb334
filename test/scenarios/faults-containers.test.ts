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

  /** Waits for its gate to open, then makes more and more processes. */
  function villain(name: string): Promise<TestContainer> {
    const folder = join(gates, name);
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder);
    const script =
      'while [ ! -e /gate/open ]; do sleep 0.2; done; while :; do for i in 1 2 3 4 5 6 7 8; do sleep 600 & done; sleep 0.1; done';
    return containers.start({
      name: `${name}-${containers.run}`,
      args: ['sh', '-c', script],
      pids: 300,
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
      20_000,
    );
    const now = await container.inspect();
    expect(now.State.Paused).toBe(true);
    expect(Object.keys(now.NetworkSettings.Networks)).toEqual([]);
  }

  test('a container that is made again under its name is known by what it learned, and held again', async () => {
    const old = await villain('again');
    await eventually('it is learned', () => isLearned(old), 20_000);
    const key = watch.view(old.id)?.workload.key;
    openGate('again');
    await expectFrozen(old);

    await old.remove();
    const successor = await villain('again');
    expect(successor.id).not.toBe(old.id);
    const isUp = (): boolean => watch.view(successor.id)?.workload.state === 'running';
    await eventually('the new one is known', isUp, 5_000);
    expect(watch.view(successor.id)).toMatchObject({
      workload: { key },
      learning: { state: 'learned' },
      containment: undefined,
      findings: { open: 0 },
    });
    await eventually('the old one is forgotten', () => watch.view(old.id) === undefined, 5_000);
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
      8_000,
    );
    // A containment of what is gone is no target any more.
    const release = await watch.monitor.service.act({ name: 'release', target: old.id });
    expect(release).toMatchObject({ ok: false, error: { kind: 'unknown-target' } });
    await successor.remove();
  });

  test('containers that vanish while they are acted on leave words and nothing else', async () => {
    const count = 8;
    const vanishing = await Promise.all(
      Array.from({ length: count }, () => containers.start({ args: ['sleep', '1000'] })),
    );
    await eventually('all are learned', () => vanishing.every(isLearned), 20_000);
    // A command from outside is what gives the policy its reason; the container goes a moment later.
    await Promise.all(
      vanishing.map(async (container, index) => {
        const started = container.exec(['sleep', '5'], 10_000).catch(() => undefined);
        await delay(20 + index * 15);
        // A freeze between the engine's kill and the death keeps the dead from dying: asked again, it goes.
        await container.remove().catch(() => container.remove());
        await started;
      }),
    );
    await eventually(
      'all are forgotten',
      () => vanishing.every(({ id }) => watch.view(id) === undefined),
      15_000,
    );
    await delay(6_000);
    for (const { id } of vanishing) {
      const actions = watch.monitor.service
        .actions({ limit: 200 })
        .filter((one) => one.container === id);
      // Two for the decision, and what upkeep says of its end.
      expect(actions.length).toBeLessThanOrEqual(3);
      for (const { outcome } of actions) {
        expect(outcome.state).not.toBe('started');
        if (outcome.state === 'failed') expect(outcome.reason).toContain('Gone:');
      }
    }
    expect(watch.monitor.service.snapshot().losses).toEqual([]);
    expect(watch.log.filter((line) => line.includes('was not carried out'))).toEqual([]);
  }, 60_000);

  test('a policy file that breaks is told by its line, and the last good one holds until it is mended', async () => {
    const agent = await villain('policy');
    await eventually('it is learned', () => isLearned(agent), 20_000);
    watch.writePolicy(
      `${containAll}  - name: broken\n    when: finding.severity >=\n    do: [explode]\n`,
    );
    const policy = () => watch.monitor.service.snapshot().policy;
    await eventually('the problem is shown', () => policy().problems.length > 0, 5_000);
    expect(policy()).toMatchObject({ mode: 'enforce' });
    const problems = policy().problems.map(({ severity, line }) => [severity, line]);
    expect(problems).toContainEqual(['error', 11]);
    openGate('policy');
    await expectFrozen(agent);

    watch.writePolicy(containAll.replace('mode: enforce', 'mode: observe'));
    await eventually('the mended file is taken', () => policy().mode === 'observe', 5_000);
    expect(policy().problems).toEqual([]);
    await agent.remove();
  });
});
