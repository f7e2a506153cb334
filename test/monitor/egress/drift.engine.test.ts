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
import { isShown, shownWithinMs, tamperedRules, tamperings } from './tampering.ts';

/** By the answer that says so. */
const refused = 22;

/** As it is shipped. */
const periodMs = 5000;

/** As many walls are broken at once. */
const containersAtOnce = 5;

describeWith(
  ['engine', 'debian-image', 'root', 'kernel-sensor'],
  'A wall that is broken behind Sentra’s back',
  () => {
    let containers: TestContainers;
    let server: TestContainer;
    let agents: readonly TestContainer[];
    /** Those whose wall nobody is breaking. */
    let free: TestContainer[];
    let watch: EgressWatch;
    let stopNames: () => void;
    let address = '';

    beforeAll(async () => {
      containers = testContainers(engineSocket());
      const web = ['sh', '-c', 'echo hello >/www/index.html; exec httpd -f -p 80 -h /www'];
      [server, ...agents] = await Promise.all([
        containers.start({ args: web }),
        ...Array.from({ length: containersAtOnce }, () =>
          containers.start({ args: ['sleep', '10000'], image: 'debian', stopTimeout: 0 }),
        ),
      ]);
      free = [...agents];
      address = await addressOf(server);
      stopNames = await startNameServer(server, { 'allowed.test': address });
      watch = await openEgressWatch([address]);
      await watch.start({ periodMs });
      for (const agent of agents) {
        await untilKnown(watch, agent);
        for (const rule of tamperedRules) await watch.rule(agent, rule);
        await watch.mode(agent, 'enforce');
        expect(await curl(agent, 'http://allowed.test/')).toBe(0);
      }
    }, 240_000);

    afterAll(async () => {
      await watch.switchOff().catch(() => undefined);
      await watch.close();
      stopNames();
      await containers.removeAll();
      await openOwnGate();
    });

    const curl = (agent: TestContainer, url: string): Promise<number> =>
      agent.exec(['curl', '-sf', '-o', '/dev/null', '--max-time', '10', url]);
    const state = async (agent: TestContainer): Promise<string | undefined> =>
      (await watch.view(agent)).coverage?.sight.state;
    const sees = async (agent: TestContainer): Promise<boolean> =>
      (await state(agent)) === 'seeing';

    async function isMended({ mayRemain }: (typeof tamperings)[number], agent: TestContainer) {
      const sight = (await watch.view(agent)).coverage?.sight;
      if (sight?.state === 'partly') return mayRemain?.test(sight.reason) === true;
      return sight?.state === 'seeing';
    }

    /** One wall of its own is broken by each; the gate, which all have, by one after another. */
    const own = tamperings.filter(({ name }) => !name.startsWith('the gate'));
    const shared = tamperings.filter(({ name }) => name.startsWith('the gate'));

    async function breakWall(tampering: (typeof tamperings)[number]): Promise<void> {
      const { apply, undo, stays } = tampering;
      await eventually('a container is free', () => free.length > 0, 200_000);
      const agent = free.pop();
      if (agent === undefined) throw new Error('No container is free.');
      try {
        await eventually('it sees', () => sees(agent));
        const before = watch.seen.length;
        await apply(agent);
        await eventually(
          'it is shown',
          () => isShown(tampering, watch, agent, before),
          shownWithinMs,
        );
        if (stays) await undo?.(agent);
        await eventually('it is mended', () => isMended(tampering, agent));
        if (!stays) await undo?.(agent);
        await eventually(
          'the name works',
          async () => (await curl(agent, 'http://allowed.test/')) === 0,
        );
        expect(await curl(agent, 'http://203.0.113.9/')).toBe(refused);
      } finally {
        if (tampering.mayRemain === undefined || (await sees(agent))) free.push(agent);
      }
    }

    test.concurrent.each(own)('is shown as that within 10 s, and mended, when $name', breakWall);

    test.each(shared)('is shown as that within 10 s, and mended, when $name', breakWall);

    test('stays unshown while nobody touches it, though its container and its network are busy', async () => {
      let agent: TestContainer | undefined;
      await eventually('one sees', async () => {
        for (const each of agents) if (await sees(each)) agent = each;
        return agent !== undefined;
      });
      if (agent === undefined) throw new Error('There is no container.');
      const breaches = (): number => watch.seen.filter(({ breach }) => breach !== undefined).length;
      const before = breaches();
      const states = new Set<string | undefined>();
      for (let round = 0; round < 12; round += 1) {
        await Promise.all([
          curl(agent, 'http://allowed.test/'),
          curl(agent, 'http://203.0.113.9/'),
        ]);
        states.add(await state(agent));
      }
      expect(breaches()).toBe(before);
      expect([...states]).toEqual(['seeing']);
      const found = watch.findings.filter(({ kind }) => kind === 'egress-open');
      expect(found.map(({ severity }) => severity)).toContain('critical');
    });
  },
);
