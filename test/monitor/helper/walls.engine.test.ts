import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Engine } from '../../../monitor/engine/port.ts';
import { installHelper, removeHelper } from '../../../monitor/helper/helper-container.ts';
import { helperParts } from '../../../monitor/pipeline/helper-joint.ts';
import { makePrivateFolder } from '../../../monitor/rpc/control-folder.ts';
import { describeWith, engineSocket } from '../../engine/capabilities.ts';
import { testContainers } from '../../engine/containers.ts';
import type { TestContainer, TestContainers } from '../../engine/containers.ts';
import { demand } from '../../engine/engine-http.ts';
import {
  addressOf,
  eventually,
  inNetworkOf,
  openEgressWatch,
  startNameServer,
} from '../egress/egress-stage.ts';
import type { EgressWatch } from '../egress/egress-stage.ts';
import { connectToEngine } from './helper-stage.ts';

const refused = 7;

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
      const web = ['sh', '-c', 'echo hello >/www/index.html; exec httpd -f -p 80 -h /www'];
      const [first, server, other] = await Promise.all([
        containers.start({ args: ['sleep', '10000'], image: 'debian' }),
        containers.start({ args: web }),
        containers.start({ args: web }),
      ]);
      agent = first;
      [serverAddress, otherAddress] = await Promise.all([addressOf(server), addressOf(other)]);
      stopNames = await startNameServer(other, { 'allowed.test': serverAddress });
      watch = await openEgressWatch([otherAddress]);
      const parts = helperParts(engine, watch.folder);
      expect(makePrivateFolder(parts.folder, 0)).toMatchObject({ ok: true });
      expect(await installHelper(parts, delay)).toMatchObject({ ok: true });
      await watch.start({}, { always: true, periodMs: 500 });
      await eventually('it is known', () =>
        watch
          .service()
          .snapshot()
          .workloads.some(({ workload }) => workload.container === agent.id),
      );
    }, 60_000);

    afterAll(async () => {
      await watch.mode(agent, 'off').catch(() => undefined);
      const parts = helperParts(engine, watch.folder);
      await watch.close();
      await removeHelper(parts);
      engine.close();
      stopNames();
      await containers.removeAll();
    });

    const curl = (url: string): Promise<number> =>
      agent.exec(['curl', '-s', '-o', '/dev/null', '--max-time', '3', url]);

    test('a running container goes from open to default-deny; the allowed name works', async () => {
      expect(await curl(`http://${serverAddress}/`)).toBe(0);
      await watch.rule(agent, { verdict: 'allow', target: 'allowed.test', local: true });
      const view = await watch.mode(agent, 'enforce');
      expect(view.coverage?.sight).toEqual({ state: 'seeing' });
      expect(await curl(`http://${otherAddress}/`)).toBe(refused);
      expect(await curl('http://allowed.test/')).toBe(0);
      expect(await curl('http://other.test/')).toBe(6);
    });
  },
);
