import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as z from 'zod';
import { describeWith, engineSocket } from '../../engine/capabilities.ts';
import { testContainers } from '../../engine/containers.ts';
import type { TestContainer, TestContainers } from '../../engine/containers.ts';
import { ask } from '../../engine/engine-http.ts';
import { fetchFrom, refused, unanswered } from '../../engine/web.ts';
import { eventually, inNetworkOf } from '../egress/egress-stage.ts';
import { openElsewhere, type Elsewhere } from './elsewhere-stage.ts';
import { startAgentAndServer } from './guarded-agent.ts';

describeWith(
  ['engine', 'debian-image', 'root', 'kernel-sensor'],
  'For an engine elsewhere, sentra',
  () => {
    let containers: TestContainers;
    let agent: TestContainer;
    let serverAddress: string;
    let there: Elsewhere;

    beforeAll(async () => {
      there = openElsewhere();
      containers = testContainers(engineSocket());
      ({ agent, serverAddress } = await startAgentAndServer(containers));
    });

    afterAll(async () => {
      await there.close();
      await ask(engineSocket(), 'DELETE', '/containers/sentra-helper?force=1');
      await ask(engineSocket(), 'DELETE', '/networks/sentra-helper');
      await containers.removeAll();
    });

    const curl = (url: string) => fetchFrom(agent, url);
    const inspectHelper = () => ask(engineSocket(), 'GET', '/containers/sentra-helper/json');
    const isSeeing = async (): Promise<boolean> =>
      (await there.sentra('egress', 'list', agent.id)).text.includes('seeing');

    test('says that it is root there and listens on a port, and makes nothing without a yes', async () => {
      const asked = await there.sentra('helper', 'install', '--port');
      expect(asked.code).toBe(1);
      expect(asked.text).toContain('It is root there');
      expect(asked.text).toContain('listens on a port');
      expect((await inspectHelper()).status).toBe(404);
      const network = await ask(engineSocket(), 'GET', '/networks/sentra-helper');
      expect(network.status).toBe(404);
    });

    test('installs it on the loopback alone, in a network of its own, with its key nowhere', async () => {
      const installed = await there.sentra('helper', 'install', '--port', '--yes');
      expect(installed, installed.text).toMatchObject({ code: 0 });
      expect((await there.sentra('helper', 'status')).text).toMatch(/on port \d+ of the loopback/);
      const { text } = await inspectHelper();
      const inspected = z
        .looseObject({
          Config: z.looseObject({ Env: z.array(z.string()).nullable(), Cmd: z.array(z.string()) }),
          HostConfig: z.looseObject({}),
          NetworkSettings: z.looseObject({ Ports: z.record(z.string(), z.unknown()) }),
        })
        .parse(JSON.parse(text));
      expect(inspected.HostConfig).toMatchObject({
        Privileged: false,
        ReadonlyRootfs: true,
        CapDrop: ['ALL'],
        NetworkMode: 'sentra-helper',
        Binds: ['/sys/fs/cgroup:/sys/fs/cgroup'],
      });
      expect(inspected.NetworkSettings.Ports).toEqual({
        '7373/tcp': [{ HostIp: '127.0.0.1', HostPort: expect.stringMatching(/^\d+$/) as string }],
      });
      expect(inspected.Config.Cmd).toEqual(['port']);
      // A key is 64 digits: the image's digests and the container's own id are the only such words.
      expect((inspected.Config.Env ?? []).join(' ')).not.toMatch(/[0-9a-f]{64}/);
      expect(
        filesBelow(there.folder).filter((path) => /\b[0-9a-f]{64}\b/.test(readText(path))),
      ).toEqual([]);
    });

    test('guards egress and counts calls through the port', async () => {
      there.watch();
      await eventually('the agent is known', async () =>
        (await there.sentra('egress', 'list', agent.id)).text.includes('observe'),
      );
      await there.sentra('egress', 'allow', agent.id, serverAddress);
      await there.sentra('egress', 'mode', agent.id, 'enforce');
      await eventually('it is enforced', isSeeing);
      expect(await curl(`http://${serverAddress}/`)).toBe(0);
      expect(await curl('http://192.0.2.9/')).toBe(refused);
      const proof = await there.sentra('egress', 'prove', agent.id);
      expect(proof, proof.text).toMatchObject({ code: 0 });
      await eventually('calls are counted', async () =>
        /"sensor":"syscalls","sight":\{"state":"seeing"/.test(
          (await there.sentra('status', '--json')).text,
        ),
      );
    });

    test('puts up again what was taken down', async () => {
      await inNetworkOf(agent, ['nft', 'delete', 'table', 'inet', 'sentra']);
      await eventually('it is mended', async () => (await curl('http://192.0.2.9/')) === refused);
    });

    test('the monitor killed: the wall stays, and is guarded again by another helper', async () => {
      const startedAt = async (): Promise<string | undefined> =>
        /"StartedAt":"([^"]+)"/.exec((await inspectHelper()).text)?.[1];
      const before = await startedAt();
      await there.endWatch('SIGKILL');
      expect([refused, unanswered]).toContain(await curl('http://192.0.2.9/'));
      there.watch();
      // The key went with the monitor that had it: the helper is started with another.
      await eventually('the helper is another', async () => (await startedAt()) !== before);
      await eventually('it is guarded again', isSeeing);
      expect(await curl(`http://${serverAddress}/`)).toBe(0);
    });

    test('disarms through it, and takes it away with its network', async () => {
      expect((await there.sentra('disarm', '--yes')).code).toBe(1);
      await there.endWatch();
      const disarmed = await there.sentra('disarm', '--yes');
      expect(disarmed, disarmed.text).toMatchObject({ code: 0 });
      expect(disarmed.text).toContain(`${agent.id.slice(0, 12)}: nothing of Sentra’s is left`);
      expect(await inNetworkOf(agent, ['nft', 'list', 'ruleset'])).not.toContain('sentra');
      expect((await inspectHelper()).status).toBe(404);
      const network = await ask(engineSocket(), 'GET', '/networks/sentra-helper');
      expect(network.status).toBe(404);
    });
  },
);

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile() === true);
}

function readText(path: string): string {
  return readFileSync(path, 'latin1');
}
