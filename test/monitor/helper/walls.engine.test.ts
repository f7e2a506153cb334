import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Engine } from '../../../monitor/engine/port.ts';
import { installHelper, removeHelper } from '../../../monitor/helper/helper-container.ts';
import { helperParts } from '../../../monitor/pipeline/helper-joint.ts';
import { makePrivateFolder } from '../../../monitor/rpc/socket/control-folder.ts';
import { describeWith, engineSocket } from '../../engine/capabilities.ts';
import { testContainers } from '../../engine/containers.ts';
import type { TestContainer, TestContainers } from '../../engine/containers.ts';
import { demand } from '../../engine/engine-http.ts';
import {
  addressOf,
  eventually,
  inNetworkOf,
  openEgressWatch,
  openOwnGate,
  startNameServer,
} from '../egress/egress-stage.ts';
import type { EgressWatch } from '../egress/egress-stage.ts';
import { connectToEngine, folderOf, socketWay } from './helper-stage.ts';

/** By the answer that says so; and while Sentra is away, by a closed port. */
const [refused, unanswered] = [22, 7];

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
      expect(makePrivateFolder(folderOf(parts), 0)).toMatchObject({ ok: true });
      expect(await installHelper(parts, socketWay(parts), delay)).toMatchObject({ ok: true });
      await watch.start({}, { always: true, periodMs: 500 });
      await eventually('it is known', () =>
        watch
          .service()
          .snapshot()
          .workloads.some(({ workload }) => workload.container === agent.id),
      );
    }, 240_000);

    afterAll(async () => {
      // The helper may have been killed a moment ago: what is wanted is done once it is back.
      await watch.mode(agent, 'off');
      await eventually(
        'its wall is gone',
        async () => (await watch.view(agent)).coverage === undefined,
      );
      await openOwnGate();
      const parts = helperParts(engine, watch.folder);
      await watch.close();
      await removeHelper(parts);
      engine.close();
      stopNames();
      await containers.removeAll();
    });

    const curl = (url: string): Promise<number> =>
      agent.exec(['curl', '-sf', '-o', '/dev/null', '--max-time', '3', url]);

    async function sight(): Promise<{ readonly state?: string; readonly reason?: string }> {
      const view = await watch.service().egress({ name: 'list', target: agent.id });
      return view.ok ? (view.value.coverage?.sight ?? {}) : {};
    }
    const seeing = async (): Promise<boolean> => (await sight()).state === 'seeing';
    const kill = (): Promise<unknown> =>
      demand(engineSocket(), 'POST', '/containers/sentra-helper/kill?signal=SIGKILL');

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
      const view = await watch.service().egress({ name: 'prove', target: agent.id });
      if (!view.ok) throw new Error(view.error.message);
      const probes = view.value.probes;
      expect(probes.length).toBeGreaterThan(10);
      expect(probes.filter(({ outcome }) => outcome !== 'as-it-should')).toEqual([]);
    });

    test('in the mode ask a connection is held, and the same one comes up once it is allowed', async () => {
      await watch.mode(agent, 'ask');
      await eventually('it is guarded', seeing);
      const trying = agent.exec(
        ['curl', '-sf', '-o', '/dev/null', '--max-time', '60', `http://${otherAddress}/`],
        90_000,
      );
      const find = () => watch.service().egressHeld().questions[0];
      await eventually('it is asked about', () => find() !== undefined);
      const question = find();
      expect(question).toMatchObject({ protocol: 'tcp', port: 80 });
      const rule = { target: otherAddress, lifetime: 'once' as const };
      const answer = await watch.service().egressHeldAllow({ id: question?.id ?? '', rule });
      expect(answer).toMatchObject({ ok: true, value: { questions: [] } });
      expect(await trying).toBe(0);
      const view = await watch.service().egress({
        name: 'remove',
        target: agent.id,
        subject: { target: otherAddress },
      });
      expect(view).toMatchObject({ ok: true });
      await watch.mode(agent, 'enforce');
      await eventually('it is guarded', seeing);
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
      await kill();
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
      const over = new AbortController();
      let [tried, out] = [0, 0];
      const trying = (async () => {
        while (!over.signal.aborted) {
          tried += 1;
          if ((await curl(`http://${otherAddress}/`)) === 0) out += 1;
        }
      })();
      for (let round = 0; round < 4; round += 1) {
        const target = `198.51.100.${10 * (round + 1)}`;
        const change = watch.rule(agent, { verdict: 'allow', target }).catch(() => undefined);
        await delay(round * 15);
        await kill().catch(() => undefined);
        await change;
        const table = await inNetworkOf(agent, ['nft', 'list', 'table', 'inet', 'sentra']);
        expect(table).toContain('policy drop');
        await eventually('it is guarded again', seeing);
      }
      over.abort();
      await trying;
      expect(tried).toBeGreaterThan(4);
      expect(out).toBe(0);
      await eventually('the last change is in the kernel', async () =>
        (await inNetworkOf(agent, ['nft', 'list', 'table', 'inet', 'sentra'])).includes(
          '198.51.100.40',
        ),
      );
    });
  },
);
