import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, rmSync, rmdirSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findHelperImage } from '../../../monitor/helper/helper-image.ts';
import { describeWith, engineSocket } from '../../engine/capabilities.ts';
import { testContainers } from '../../engine/containers.ts';
import type { TestContainer, TestContainers } from '../../engine/containers.ts';
import { ask, demand } from '../../engine/engine-http.ts';
import { fetchFrom, refused, unanswered } from '../../engine/web.ts';
import { eventually, inNetworkOf, tablesOfEngine } from '../egress/egress-stage.ts';
import { startAgentAndServer } from './guarded-agent.ts';
import { followPublishedPort } from './port-stage.ts';

const entry = fileURLToPath(new URL('../../../monitor/cli.ts', import.meta.url));
const megabyte = 1_000_000;

/** Who is not root, is known on every machine (daemon), and may use the engine's socket by its group. */
const person = { uid: 1, gid: statSync(engineSocketOr('/')).gid };

function engineSocketOr(other: string): string {
  return process.env['SENTRA_TEST_ENGINE'] === undefined ? other : engineSocket();
}

describeWith(
  ['engine', 'debian-image', 'root', 'kernel-sensor'],
  'For a person who is not root, sentra',
  () => {
    let containers: TestContainers;
    let agent: TestContainer;
    let server: TestContainer;
    let serverAddress: string;
    let folder: string;
    let monitor: ChildProcess | undefined;

    beforeAll(async () => {
      // As on a machine where no wall stood yet, or the last one was taken away.
      for (const place of ['', 'unified/']) {
        const cgroup = `/sys/fs/cgroup/${place}sentra-egress`;
        if (existsSync(cgroup)) rmdirSync(cgroup);
      }
      folder = mkdtempSync(join(tmpdir(), 'sentra-person-'));
      chownSync(folder, person.uid, person.gid);
      containers = testContainers(engineSocket());
      ({ agent, server, serverAddress } = await startAgentAndServer(containers));
    });

    afterAll(async () => {
      await endMonitor();
      await ask(engineSocket(), 'DELETE', '/containers/sentra-helper?force=1');
      await containers.removeAll();
      rmSync(folder, { recursive: true, force: true });
    });

    const environment = (state: string) => ({
      PATH: process.env['PATH'],
      SENTRA_STATE: state,
      DOCKER_HOST: `unix://${engineSocket()}`,
      HOME: folder,
    });
    const asPerson = () => ({ ...person, state: join(folder, 'state') });

    /** Runs `sentra` as somebody; its exit code and all that it printed. */
    function sentraAs(
      { uid, gid, state }: ReturnType<typeof asPerson>,
      ...words: string[]
    ): Promise<{ code: number; text: string }> {
      return new Promise((resolve) => {
        const child = execFile(
          process.execPath,
          [entry, ...words],
          { env: environment(state), cwd: '/', uid, gid },
          (_, output, complaints) =>
            resolve({ code: child.exitCode ?? -1, text: `${output}${complaints}` }),
        );
        child.stdin?.end();
      });
    }
    const sentra = (...words: string[]) => sentraAs(asPerson(), ...words);

    async function startMonitor(): Promise<void> {
      monitor = spawn(process.execPath, [entry, 'watch', '--json'], {
        env: environment(asPerson().state),
        cwd: '/',
        ...person,
        stdio: 'ignore',
      });
      await eventually('the monitor answers', async () => (await sentra('status')).code === 0);
      await eventually(
        'the agent is known',
        async () => (await sentra('egress', 'list', agent.id)).code === 0,
      );
    }

    async function enforce(): Promise<void> {
      let said = '';
      await eventually('it is enforced', async () => {
        said = (await sentra('egress', 'mode', agent.id, 'enforce')).text;
        return said.includes('seeing');
      }).catch((error: unknown) => {
        throw new Error(`It is not enforced: ${said}`, { cause: error });
      });
    }

    async function endMonitor(): Promise<void> {
      if (monitor === undefined || monitor.exitCode !== null) return;
      const ended = once(monitor, 'exit');
      monitor.kill('SIGTERM');
      await ended;
    }

    const curl = (url: string) => fetchFrom(agent, url);
    const inspectHelper = () => ask(engineSocket(), 'GET', '/containers/sentra-helper/json');

    test('says plainly what the helper is, and installs nothing without a yes', async () => {
      expect((await sentra('helper', 'status')).text).toContain('There is no helper');
      const asked = await sentra('helper', 'install');
      expect(asked.code).toBe(1);
      expect(asked.text).toContain('It is root there');
      expect((await inspectHelper()).status).toBe(404);
    });

    test('installs it in one shape, from an image of less than 40 MB', async () => {
      const installed = await sentra('helper', 'install', '--yes');
      expect(installed, installed.text).toMatchObject({ code: 0 });
      expect(await sentra('helper', 'status')).toEqual({ code: 0, text: 'The helper runs.\n' });
      const { text } = await inspectHelper();
      const host = z
        .looseObject({ HostConfig: z.looseObject({}) })
        .parse(JSON.parse(text)).HostConfig;
      expect(host).toMatchObject({
        Privileged: false,
        ReadonlyRootfs: true,
        CapDrop: ['ALL'],
        PortBindings: null,
      });
      const image = findHelperImage();
      if (!image.ok) throw new Error(image.error);
      const { Size: size } = z
        .looseObject({ Size: z.number() })
        .parse(await demand(engineSocket(), 'GET', `/images/${image.value.tag}/json`));
      expect(size).toBeLessThan(40 * megabyte);
      expect(size).toBeGreaterThan(megabyte);
    });

    test('guards egress and counts calls through it', async () => {
      await startMonitor();
      await sentra('egress', 'allow', agent.id, serverAddress);
      await enforce();
      expect(await curl(`http://${serverAddress}/`)).toBe(0);
      expect(await curl('http://192.0.2.9/')).toBe(refused);
      const proof = await sentra('egress', 'prove', agent.id);
      expect(proof, proof.text).toMatchObject({ code: 0 });
      const status = await sentra('status', '--json');
      expect(status.text).toMatch(/"sensor":"syscalls","sight":\{"state":"seeing"/);
      expect(status.text).not.toContain('sentra-helper');
    });

    test('disarms through it, and takes it away at last', async () => {
      expect((await sentra('disarm', '--yes')).code).toBe(1);
      expect(await sentra('pause', server.id)).toMatchObject({ code: 0 });
      await endMonitor();
      expect(await curl('http://192.0.2.9/')).toBe(unanswered);
      const asked = await sentra('disarm');
      expect(asked, asked.text).toMatchObject({ code: 1 });
      expect(asked.text).toContain(
        `${server.id.slice(0, 12)}, which Sentra holds: paused, cut off`,
      );
      expect(asked.text).toContain('the gate before the engine’s bridges');
      const disarmed = await sentra('disarm', '--yes');
      expect(disarmed, disarmed.text).toMatchObject({ code: 0 });
      expect(disarmed.text).toContain(`${server.id.slice(0, 12)}: let go`);
      expect((await server.inspect()).State).toMatchObject({ Paused: false });
      expect(await tablesOfEngine()).not.toContain('sentra');
      expect(disarmed.text).toContain(`${agent.id.slice(0, 12)}: nothing of Sentra’s is left`);
      expect(disarmed.text).toContain('The helper is removed.');
      expect(await inNetworkOf(agent, ['nft', 'list', 'ruleset'])).not.toContain('sentra');
      expect((await inspectHelper()).status).toBe(404);
      const without = await sentra('disarm', '--yes');
      expect(without.code).toBe(1);
      expect(without.text).toContain('there is none that answers');
    });

    test('root disarms through another person’s that is reached by a port, and takes it away', async () => {
      const stopFollowing = followPublishedPort();
      try {
        const installed = await sentra('helper', 'install', '--port', '--yes');
        expect(installed, installed.text).toMatchObject({ code: 0 });
        const before = await inspectHelper();
        const asked = await sentra('status');
        expect(asked.text).toContain('the helper’s container sentra-helper');
        expect(asked.text).toContain('Whether walls stand is not looked at');
        // Asking takes it away from nobody: it would have to be started anew, with another key.
        expect((await inspectHelper()).text).toBe(before.text);
        await startMonitor();
        await sentra('egress', 'allow', agent.id, serverAddress);
        await enforce();
        await endMonitor();
        const root = { uid: 0, gid: 0, state: join(folder, 'root') };
        const disarmed = await sentraAs(root, 'disarm', '--yes');
        expect(disarmed, disarmed.text).toMatchObject({ code: 0 });
        expect(disarmed.text).toContain(`${agent.id.slice(0, 12)}: nothing of Sentra’s is left`);
        expect(disarmed.text).toContain('The helper is removed.');
        expect(await inNetworkOf(agent, ['nft', 'list', 'ruleset'])).not.toContain('sentra');
        expect((await inspectHelper()).status).toBe(404);
      } finally {
        await stopFollowing();
      }
    });
  },
);
