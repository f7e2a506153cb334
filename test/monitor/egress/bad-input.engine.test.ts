import { chmodSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith, engineSocket } from '../../engine/capabilities.ts';
import { testContainers } from '../../engine/containers.ts';
import type { TestContainer, TestContainers } from '../../engine/containers.ts';
import {
  addressOf,
  eventually,
  inNetworkOf,
  openEgressWatch,
  startNameServer,
  openOwnGate,
  untilKnown,
} from './egress-stage.ts';
import type { EgressWatch } from './egress-stage.ts';

/** By the answer that says so. */
const refused = 22;

describeWith(
  ['engine', 'debian-image', 'root', 'kernel-sensor'],
  'A wall that cannot be changed as wanted',
  () => {
    let containers: TestContainers;
    let server: TestContainer;
    let agent: TestContainer;
    let watch: EgressWatch;
    let stopNames: () => void;
    const folder = mkdtempSync(join(tmpdir(), 'sentra-tools-'));

    beforeAll(async () => {
      containers = testContainers(engineSocket());
      const web = ['sh', '-c', 'echo hello >/www/index.html; exec httpd -f -p 80 -h /www'];
      [server, agent] = await Promise.all([
        containers.start({ args: web }),
        containers.start({ args: ['sleep', '10000'], image: 'debian' }),
      ]);
      const address = await addressOf(server);
      stopNames = await startNameServer(server, { 'allowed.test': address });
      watch = await openEgressWatch([address]);
      await start();
      await watch.rule(agent, { verdict: 'allow', target: 'allowed.test', local: true });
      await watch.mode(agent, 'enforce');
    }, 240_000);

    afterAll(async () => {
      await watch.mode(agent, 'off').catch(() => undefined);
      await watch.close();
      stopNames();
      await containers.removeAll();
      await openOwnGate();
      rmSync(folder, { recursive: true, force: true });
    });

    async function start(toolFolders?: readonly string[]): Promise<void> {
      await watch.start(toolFolders === undefined ? {} : { toolFolders });
      await untilKnown(watch, agent);
    }
    const curl = (url: string): Promise<number> =>
      agent.exec(['curl', '-sf', '-o', '/dev/null', '--max-time', '10', url]);
    const wall = (): Promise<string> =>
      inNetworkOf(agent, ['nft', '-s', 'list', 'chain', 'inet', 'sentra', 'outbound']);

    test('stays as it was when the program that changes it is killed on the way', async () => {
      const before = await wall();
      // It takes all that it is told, and dies before it has done anything.
      const dying = join(folder, 'nft');
      writeFileSync(dying, '#!/bin/sh\ncat >/dev/null\nkill -9 $$\n');
      chmodSync(dying, 0o755);
      for (const [name, path] of [
        ['nsenter', '/usr/bin/nsenter'],
        ['dnsmasq', '/usr/sbin/dnsmasq'],
      ] as const) {
        symlinkSync(path, join(folder, name));
      }
      await watch.stop();
      await start([folder]);
      const view = await watch.rule(agent, { verdict: 'allow', target: '198.51.100.0/24' });
      expect(view.coverage?.sight).toMatchObject({
        state: 'blind',
        reason: expect.stringContaining('could not be put up') as string,
      });
      expect(await wall()).toBe(before);
      expect(await curl('http://198.51.100.1/')).toBe(refused);
      expect(await curl('http://allowed.test/')).toBe(0);
      await watch.stop();
      await start();
      await eventually('the rule holds', async () => (await wall()).includes('@a4_any_any'));
    });

    test('holds ten thousand rules in one list', async () => {
      await watch.stop();
      const book = JSON.parse(readFileSync(watch.file, 'utf8')) as {
        workloads: { rules: { verdict: string; target: string }[] }[];
      };
      const many = Array.from({ length: 10_000 }, (_, index) => ({
        verdict: 'allow',
        target:
          index % 2 === 0 ? `host-${index}.example.com` : `198.18.${index >> 8}.${index & 255}`,
      }));
      book.workloads[0]?.rules.push(...many);
      writeFileSync(watch.file, JSON.stringify(book));
      await start();
      await eventually(
        'it holds them',
        async () => (await watch.view(agent)).coverage?.sight.state === 'seeing',
      );
      expect(await curl('http://allowed.test/')).toBe(0);
      expect(await curl('http://203.0.113.9/')).toBe(refused);
    });
  },
);
