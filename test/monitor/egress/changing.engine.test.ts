import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith, engineSocket } from '../../engine/capabilities.ts';
import { testContainers } from '../../engine/containers.ts';
import type { TestContainer, TestContainers } from '../../engine/containers.ts';
import {
  addressOf,
  attempt,
  eventually,
  openEgressWatch,
  openOwnGate,
  startNameServer,
  untilKnown,
} from './egress-stage.ts';
import type { EgressWatch } from './egress-stage.ts';

/** Asks for a name a thousand times a second, for five seconds. */
const asking = (name: string): string => `import socket,struct,time,select
q=struct.pack(">6H",7,256,1,0,0,0)+b"".join(bytes([len(l)])+l for l in b"${name}".split(b"."))+struct.pack(">BHH",0,1,1)
s=socket.socket(socket.AF_INET,socket.SOCK_DGRAM); s.setblocking(False)
end=time.monotonic()+5
while time.monotonic()<end:
  try: s.sendto(q,("192.0.2.99",53))
  except OSError: pass
  select.select([s],[],[],0.001)
  try: s.recv(600)
  except OSError: pass`;

describeWith(['engine', 'debian-image', 'root'], 'A wall while its list changes', () => {
  let containers: TestContainers;
  let agent: TestContainer;
  let other: TestContainer;
  let watch: EgressWatch;
  let stopNames: () => void;
  let otherAddress = '';

  beforeAll(async () => {
    containers = testContainers(engineSocket());
    const web = ['sh', '-c', 'echo hello >/www/index.html; exec httpd -f -p 80 -h /www'];
    [agent, other] = await Promise.all([
      containers.start({ args: ['sleep', '10000'], image: 'debian' }),
      containers.start({ args: web }),
    ]);
    otherAddress = await addressOf(other);
    stopNames = await startNameServer(other, { 'gone.test': otherAddress });
    watch = await openEgressWatch([otherAddress]);
    await watch.start();
    await untilKnown(watch, agent);
    await watch.rule(agent, { verdict: 'allow', target: 'stays.test', local: true });
    await watch.mode(agent, 'enforce');
  }, 240_000);

  afterAll(async () => {
    await watch.mode(agent, 'off').catch(() => undefined);
    await watch.close();
    stopNames();
    await containers.removeAll();
    await openOwnGate();
  });

  const python = (text: string): Promise<number> =>
    agent.exec(['python3', '-c', `import sys\n${text}`]);

  test('takes nothing from a resolver of the old list, however often it is asked', async () => {
    let through = 0;
    for (let round = 0; round < 3; round += 1) {
      await watch.rule(agent, { verdict: 'allow', target: 'gone.test', local: true });
      await eventually('it is reached', async () => (await python(attempt('gone.test', 80))) === 0);
      const flood = python(asking('gone.test'));
      await delay(1500);
      await watch.rule(agent, { verdict: 'deny', target: 'gone.test' });
      await flood;
      if ((await python(attempt(otherAddress, 80))) !== 3) through += 1;
    }
    expect(through).toBe(0);
  });
});
