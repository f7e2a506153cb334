import { afterAll, beforeAll, expect, test } from 'vitest';
import type { EgressLesson } from '../../../monitor/rpc/service/egress-service.ts';
import { describeWith, engineSocket } from '../../engine/capabilities.ts';
import { testContainers } from '../../engine/containers.ts';
import type { TestContainer, TestContainers } from '../../engine/containers.ts';
import {
  addressOf,
  eventually,
  inNetworkOf,
  openEgressWatch,
  startNameServer,
  untilKnown,
} from './egress-stage.ts';
import type { EgressWatch } from './egress-stage.ts';

const [reached, refused] = [0, 22];

describeWith(['engine', 'debian-image', 'root'], 'A container that is only observed', () => {
  let containers: TestContainers;
  let agent: TestContainer;
  let watch: EgressWatch;
  let stopNames: () => void;
  let [serverAddress, otherAddress] = ['', ''];

  beforeAll(async () => {
    containers = testContainers(engineSocket());
    const web = ['sh', '-c', 'echo hello >/www/index.html; exec httpd -f -p 80 -h /www'];
    const [first, server, other] = await Promise.all([
      containers.start({ args: ['sleep', '10000'], image: 'debian' }),
      containers.start({ args: web }),
      containers.start({ args: web }),
    ]);
    agent = first;
    [serverAddress, otherAddress] = await Promise.all([addressOf(server), addressOf(other)]);
    stopNames = await startNameServer(other, { 'shop.test': serverAddress });
    expect(
      await agent.exec(['sh', '-c', `echo nameserver ${otherAddress} >/etc/resolv.conf`]),
    ).toBe(0);
    watch = await openEgressWatch([otherAddress]);
    await watch.start();
    await untilKnown(watch, agent);
  }, 240_000);

  afterAll(async () => {
    await watch.mode(agent, 'off').catch(() => undefined);
    await watch.close();
    stopNames();
    await containers.removeAll();
  });

  const curl = (url: string): Promise<number> =>
    agent.exec(['curl', '-sf', '-o', '/dev/null', '--max-time', '10', url]);

  function lesson(): EgressLesson {
    const learned = watch.service().egressLearn({ target: agent.id, hours: 1 });
    if (!learned.ok) throw new Error(learned.error.message);
    return learned.value;
  }
  const proposed = (): string[] =>
    lesson().proposals.map(({ rule }) => `${rule.target} ${rule.protocol} ${rule.port}`);

  test('is known by the names that it was answered, and its badge says on what ground.', async () => {
    await watch.mode(agent, 'observe');
    await eventually('the badge says how names are known', async () => {
      const { coverage } = await watch.view(agent);
      return JSON.stringify(coverage).includes('which it could forge');
    });
    const rules = await inNetworkOf(agent, ['nft', 'list', 'ruleset']);
    expect(await curl('http://shop.test/')).toBe(reached);
    expect(await curl(`http://${otherAddress}/`)).toBe(reached);
    await eventually('the name is seen', () => {
      const seen = watch.service().egressSeen({ target: agent.id, hours: 1 });
      return seen.ok && seen.value.destinations.some(({ name }) => name === 'shop.test');
    });
    // Hearing changes nothing about its network; the counts come and go.
    const fixed = (text: string): string =>
      text
        .replaceAll(/elements = \{[^}]*\}|packets \d+ bytes \d+/g, '')
        .split('\n')
        .filter((line) => line.trim() !== '')
        .join('\n');
    expect(fixed(await inNetworkOf(agent, ['nft', 'list', 'ruleset']))).toBe(fixed(rules));
  });

  test('gives the smallest list that covers it: by name where an answer tied one, else by address.', async () => {
    const byAddress = `${otherAddress} tcp 80`;
    await eventually('the address is seen', () => proposed().includes(byAddress));
    expect(proposed()).toContain('shop.test tcp 80');
    expect(proposed()).not.toContain(`${serverAddress} tcp 80`);
    const grounds = lesson().proposals.map(({ ground }) => ground);
    expect(grounds.join('\n')).toContain('tied the name to 1 address');
    expect(grounds.join('\n')).toContain('no DNS answer led there');
  });

  test('keeps working when just those lines are accepted and enforced, and nothing else gets out.', async () => {
    const { version } = await watch.view(agent);
    const rules = lesson()
      .proposals.map(({ rule }) => rule)
      .filter(({ target }) => target === 'shop.test');
    const saved = await watch.service().egress({
      name: 'save',
      target: agent.id,
      basedOn: version,
      profiles: [],
      rules,
    });
    expect(saved).toMatchObject({ ok: true });
    await watch.mode(agent, 'enforce');
    await eventually('the wall stands', async () => (await curl('http://shop.test/')) === reached);
    expect(await curl(`http://${otherAddress}/`)).toBe(refused);
    expect(await curl('http://elsewhere.test/')).toBe(refused);
  });
});
