import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { notedGates } from '../../../monitor/egress/gate-note.ts';
import { describeWith, engineSocket } from '../../engine/capabilities.ts';
import { testContainers } from '../../engine/containers.ts';
import type { TestContainer, TestContainers } from '../../engine/containers.ts';
import { demand } from '../../engine/engine-http.ts';
import {
  addressOf,
  eventually,
  openEgressWatch,
  startNameServer,
  openOwnGate,
} from './egress-stage.ts';
import type { EgressWatch } from './egress-stage.ts';
import { arrivals, buildFirstAct, countArrivals, type FirstAct } from './first-act.ts';

const restarts = 6;

describeWith(
  ['engine', 'debian-image', 'root', 'kernel-sensor'],
  'A container whose first act is to send',
  () => {
    let containers: TestContainers;
    let act: FirstAct;
    let listener: TestContainer;
    let agent: TestContainer;
    let watch: EgressWatch;
    let stopNames: () => void;
    let address = '';

    beforeAll(async () => {
      containers = testContainers(engineSocket());
      act = await buildFirstAct();
      const web = ['sh', '-c', 'echo hello >/www/index.html; exec httpd -f -p 80 -h /www'];
      listener = await containers.start({ args: web });
      address = await addressOf(listener);
      await countArrivals(listener);
      stopNames = await startNameServer(listener, { 'allowed.test': address });
      const { NetworkSettings: settings } = await listener.inspect();
      const [network] = Object.values(settings.Networks);
      agent = await containers.start({
        image: 'debian',
        args: ['/act/first-act', address, String(network?.['MacAddress']).replaceAll(':', '')],
        binds: [`${act.folder}:/act:ro`],
        stopTimeout: 0,
      });
      watch = await openEgressWatch([address]);
      await watch.start();
      await known(agent);
    }, 60_000);

    afterAll(async () => {
      await watch.close();
      stopNames();
      await containers.removeAll();
      act.remove();
      await openOwnGate();
    });

    // What the monitor said tells why, on a machine that nobody can look at afterwards.
    beforeEach(({ onTestFailed }) => {
      onTestFailed(async () => {
        process.stderr.write(`${watch.log.slice(-60).join('\n')}\n`);
        process.stderr.write(`${JSON.stringify((await watch.view(agent)).coverage)}\n`);
      });
    });

    const known = (container: TestContainer): Promise<void> =>
      eventually('it is known', () =>
        watch
          .service()
          .snapshot()
          .workloads.some(({ workload }) => workload.container === container.id),
      );
    const restart = (): Promise<unknown> =>
      demand(engineSocket(), 'POST', `/containers/${agent.id}/restart?t=0`);
    const curl = (url: string): Promise<number> =>
      agent.exec(['curl', '-sf', '-o', '/dev/null', '--max-time', '3', url]);

    test('gets through without a wall: it does send', async () => {
      const before = await arrivals(listener);
      await restart();
      await eventually('it arrives', async () => (await arrivals(listener)) > before + 20);
    });

    test('gets nothing out under enforce, however often it starts', async () => {
      await watch.rule(agent, {
        verdict: 'allow',
        target: 'allowed.test',
        local: true,
        protocol: 'tcp',
        port: 80,
      });
      const view = await watch.mode(agent, 'enforce');
      expect(view.coverage?.sight).toEqual({ state: 'seeing' });
      await delay(500);
      const before = await arrivals(listener);
      for (let count = 0; count < restarts; count += 1) {
        await restart();
        await eventually('the name works', async () => (await curl('http://allowed.test/')) === 0);
        await delay(300);
      }
      expect(await arrivals(listener)).toBe(before);
      const after = await watch.view(agent);
      expect(after.coverage?.sight).toEqual({ state: 'seeing' });
    });

    test('gets nothing out while no monitor runs, and is let through when one comes back', async () => {
      await watch.stop();
      const before = await arrivals(listener);
      await restart();
      await delay(1000);
      expect(await curl('http://allowed.test/')).not.toBe(0);
      await watch.start();
      await eventually('the name works', async () => (await curl('http://allowed.test/')) === 0);
      expect(await arrivals(listener)).toBe(before);
    });

    test('does not hold up others on its network, watched or not', async () => {
      const other = await containers.start({ image: 'debian', args: ['sleep', '1000'] });
      const begin = performance.now();
      await eventually(
        'it reaches its neighbour',
        async () =>
          (await other.exec([
            'curl',
            '-s',
            '-o',
            '/dev/null',
            '--max-time',
            '1',
            `http://${address}/`,
          ])) === 0,
      );
      expect(performance.now() - begin).toBeLessThan(20_000);
    });

    test('with the mode off nothing of the gate is left', async () => {
      expect(notedGates().length).toBeGreaterThan(0);
      await watch.mode(agent, 'off');
      const before = await arrivals(listener);
      await restart();
      await eventually('it arrives', async () => (await arrivals(listener)) > before);
    });
  },
);
