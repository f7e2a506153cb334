import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Engine } from '../../../monitor/engine/port.ts';
import { installHelper, removeHelper } from '../../../monitor/helper/helper-container.ts';
import { helperParts } from '../../../monitor/pipeline/helper-joint.ts';
import { makePrivateFolder } from '../../../monitor/rpc/socket/control-folder.ts';
import { describeWith, engineSocket } from '../../engine/capabilities.ts';
import { testContainers } from '../../engine/containers.ts';
import type { TestContainer, TestContainers } from '../../engine/containers.ts';
import { fetchFrom, refused, unanswered, webServer } from '../../engine/web.ts';
import {
  addressOf,
  eventually,
  openEgressWatch,
  openOwnGate,
  startNameServer,
  untilKnown,
} from '../egress/egress-stage.ts';
import type { EgressWatch } from '../egress/egress-stage.ts';
import {
  expectHeldUntilAllowed,
  expectWholeProof,
  expectWholeThroughKills,
  isGuarded,
  killHelper,
  letGo,
} from './guarded-agent.ts';
import { connectToEngine } from '../../engine/connected-engine.ts';
import { folderOf, socketWay } from './helper-stage.ts';

describeWith(
  ['engine', 'debian-image', 'root', 'kernel-sensor'],
  'Walls made by the helper',
  () => {
    let engine: Engine;
    let containers: TestContainers;
    let agent: TestContainer;
    let [serverAddress, otherAddress] = ['', ''];
    let watch: EgressWatch;
    let stopNames: () => void;

    beforeAll(async () => {
      engine = await connectToEngine();
      containers = testContainers(engineSocket());
      const [first, server, other] = await Promise.all([
        containers.start({ args: ['sleep', '10000'], image: 'debian' }),
        containers.start({ args: webServer }),
        containers.start({ args: webServer }),
      ]);
      agent = first;
      [serverAddress, otherAddress] = await Promise.all([addressOf(server), addressOf(other)]);
      stopNames = await startNameServer(other, { 'allowed.test': serverAddress });
      watch = await openEgressWatch([otherAddress]);
      const parts = helperParts(engine, watch.folder);
      expect(makePrivateFolder(folderOf(parts), 0)).toMatchObject({ ok: true });
      expect(await installHelper(parts, socketWay(parts), delay)).toMatchObject({ ok: true });
      await watch.start({}, { always: true, periodMs: 500 });
      await untilKnown(watch, agent);
    }, 240_000);

    afterAll(async () => {
      const parts = helperParts(engine, watch.folder);
      try {
        await letGo({ agent, watch });
      } finally {
        await openOwnGate();
        await watch.close();
        await removeHelper(parts);
        engine.close();
        stopNames();
        await containers.removeAll();
      }
    });

    const curl = (url: string) => fetchFrom(agent, url);
    const seeing = () => isGuarded({ agent, watch });

    test('a running container goes from open to default-deny; the allowed name works', async () => {
      expect(await curl(`http://${serverAddress}/`)).toBe(0);
      await watch.rule(agent, { verdict: 'allow', target: 'allowed.test', local: true });
      await watch.mode(agent, 'enforce');
      await eventually('it is guarded', seeing);
      expect(await curl(`http://${otherAddress}/`)).toBe(refused);
      expect(await curl('http://allowed.test/')).toBe(0);
      expect(await curl('http://other.test/')).toBe(refused);
    });

    test('where it talked to is told by name, as with native walls', async () => {
      await eventually('the name was seen', () =>
        watch.seen.some(({ destinations }) =>
          destinations.some(
            ({ address, name }) => address === serverAddress && name === 'allowed.test',
          ),
        ),
      );
    });

    test('the proof is the same as with native walls', async () => {
      await expectWholeProof({ agent, watch });
    });

    test('in the mode ask a connection is held, and the same one comes up once it is allowed', async () => {
      await expectHeldUntilAllowed({ agent, watch }, otherAddress);
    });

    test('the helper is not watched', () => {
      const { workloads } = watch.service().snapshot();
      expect(workloads.map(({ workload }) => workload.name)).not.toContain('sentra-helper');
    });

    test('a container into which the folder was mounted is not heard', async () => {
      const parts = helperParts(engine, watch.folder);
      const text = `import socket,sys
s=socket.socket(socket.AF_UNIX); s.connect("/helper/helper.sock")
try:
  s.sendall(b"sentra-helper 2 hello\\n"); sys.exit(4 if s.recv(100) else 0)
except OSError: sys.exit(0)`;
      const args = ['python3', '-c', text];
      const binds = [`${folderOf(parts)}:/helper`];
      const curious = await containers.start({ args: ['sleep', '100'], image: 'debian', binds });
      expect(await curious.exec(args)).toBe(0);
      // With the machine's own processes in sight it is still one of a container.
      const nosy = await containers.start({
        args: ['sleep', '100'],
        image: 'debian',
        binds,
        hostConfig: { PidMode: 'host' },
      });
      expect(await nosy.exec(args)).toBe(0);
      expect(await parts.client.ask({ verb: 'hello' })).toMatchObject({ ok: true });
      await Promise.all([curious.remove(), nosy.remove()]);
    });

    test('killed: the wall stays, the badge says so, and it is started again', async () => {
      await killHelper();
      await eventually('the badge is not seeing', async () => !(await seeing()), 60_000);
      expect([refused, unanswered]).toContain(await curl(`http://${otherAddress}/`));
      await eventually('it is guarded again', seeing);
      expect(await curl('http://allowed.test/')).toBe(0);
      await eventually(
        'it says why again',
        async () => (await curl(`http://${otherAddress}/`)) === refused,
      );
      expect(watch.findings).toEqual([]);
    });

    test('killed in the middle of changes: the wall is whole at every moment', async () => {
      await expectWholeThroughKills({ agent, watch }, otherAddress, 4);
    });
  },
);
