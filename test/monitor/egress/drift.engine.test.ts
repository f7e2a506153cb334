import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith, engineSocket } from '../../engine/capabilities.ts';
import { testContainers } from '../../engine/containers.ts';
import type { TestContainer, TestContainers } from '../../engine/containers.ts';
import {
  addressOf,
  eventually,
  openEgressWatch,
  startNameServer,
  openOwnGate,
  untilKnown,
} from './egress-stage.ts';
import type { EgressWatch } from './egress-stage.ts';
import { tamperedRules, tamperings } from './tampering.ts';

/** By the answer that says so. */
const refused = 22;

describeWith(
  ['engine', 'debian-image', 'root', 'kernel-sensor'],
  'A wall that is broken behind Sentra’s back',
  () => {
    let containers: TestContainers;
    let server: TestContainer;
    let agent: TestContainer;
    let watch: EgressWatch;
    let stopNames: () => void;
    let address = '';

    beforeAll(async () => {
      containers = testContainers(engineSocket());
      const web = ['sh', '-c', 'echo hello >/www/index.html; exec httpd -f -p 80 -h /www'];
      [server, agent] = await Promise.all([
        containers.start({ args: web }),
        containers.start({ args: ['sleep', '10000'], image: 'debian' }),
      ]);
      address = await addressOf(server);
      stopNames = await startNameServer(server, { 'allowed.test': address });
      watch = await openEgressWatch([address]);
      await watch.start({ periodMs: 500 });
      await untilKnown(watch, agent);
      for (const rule of tamperedRules) await watch.rule(agent, rule);
      await watch.mode(agent, 'enforce');
      expect(await curl('http://allowed.test/')).toBe(0);
    }, 240_000);

    afterAll(async () => {
      await watch.mode(agent, 'off').catch(() => undefined);
      await watch.close();
      stopNames();
      await containers.removeAll();
      await openOwnGate();
    });

    const curl = (url: string): Promise<number> =>
      agent.exec(['curl', '-sf', '-o', '/dev/null', '--max-time', '10', url]);
    const state = async (): Promise<string | undefined> =>
      (await watch.view(agent)).coverage?.sight.state;
    const breaches = (): number => watch.seen.filter(({ breach }) => breach !== undefined).length;

    test.each(tamperings)('is shown and mended when $name', async ({ apply, undo, stays }) => {
      await eventually('it sees', async () => (await state()) === 'seeing');
      const before = breaches();
      await apply(agent);
      await eventually(
        'it is shown',
        async () => breaches() > before || (await state()) !== 'seeing',
        60_000,
      );
      if (stays) await undo?.(agent);
      await eventually('it is mended', async () => (await state()) === 'seeing');
      if (!stays) await undo?.(agent);
      await eventually('the name works', async () => (await curl('http://allowed.test/')) === 0);
      expect(await curl('http://203.0.113.9/')).toBe(refused);
    });

    test('stays unshown while nobody touches it, though its container and its network are busy', async () => {
      await eventually('it sees', async () => (await state()) === 'seeing');
      const before = breaches();
      const states = new Set<string | undefined>();
      for (let round = 0; round < 12; round += 1) {
        await Promise.all([curl('http://allowed.test/'), curl('http://203.0.113.9/')]);
        states.add(await state());
      }
      expect(breaches()).toBe(before);
      expect([...states]).toEqual(['seeing']);
      const found = watch.findings.filter(({ kind }) => kind === 'egress-open');
      expect(found.map(({ severity }) => severity)).toContain('critical');
    });
  },
);
