import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Engine } from '../../../monitor/engine/port.ts';
import {
  installHelper,
  keepHelper,
  removeHelper,
  type HelperParts,
} from '../../../monitor/helper/helper-container.ts';
import type { SyscallsObservation } from '../../../monitor/model/observation.ts';
import { helperParts } from '../../../monitor/pipeline/helper-joint.ts';
import { readMounts } from '../../../monitor/sensors/resource/cgroup-source.ts';
import { cgroupIdOf } from '../../../monitor/sensors/syscalls/cgroup-id.ts';
import { describeWith, engineSocket } from '../../engine/capabilities.ts';
import { testContainers } from '../../engine/containers.ts';
import type { TestContainer, TestContainers } from '../../engine/containers.ts';
import { demand } from '../../engine/engine-http.ts';
import { fetchFrom, webServer } from '../../engine/web.ts';
import {
  addressOf,
  eventually,
  openEgressWatch,
  openOwnGate,
  startNameServer,
  untilKnown,
} from '../egress/egress-stage.ts';
import type { EgressWatch } from '../egress/egress-stage.ts';
import { countedByStrace } from '../sensors/counted-by-strace.ts';
import {
  becomesGuarded,
  expectHeldUntilAllowed,
  expectWholeProof,
  expectWholeThroughKills,
  letGo,
} from './guarded-agent.ts';
import { connectToEngine } from '../../engine/connected-engine.ts';
import { portWay } from './helper-stage.ts';
import { followPublishedPort } from './port-stage.ts';

describeWith(
  ['engine', 'debian-image', 'root', 'kernel-sensor'],
  'A helper that is reached by a port',
  () => {
    const script = 'for i in 1 2 3 4 5 6 7 8; do /bin/cat /etc/passwd >/dev/null; done';
    let engine: Engine;
    let containers: TestContainers;
    let agent: TestContainer;
    let [serverAddress, otherAddress] = ['', ''];
    let watch: EgressWatch;
    let parts: HelperParts;
    let stopNames: () => void;
    let stopFollowing: () => Promise<void>;
    const windows: SyscallsObservation[] = [];

    beforeAll(async () => {
      engine = await connectToEngine();
      containers = testContainers(engineSocket());
      const loop = `while read -r _; do ${script}; done </tmp/gate`;
      const [first, server, other] = await Promise.all([
        containers.start({
          image: 'debian',
          args: ['sh', '-c', `mkfifo /tmp/gate; exec 3<>/tmp/gate; ${loop}`],
        }),
        containers.start({ args: webServer }),
        containers.start({ args: webServer }),
      ]);
      agent = first;
      [serverAddress, otherAddress] = await Promise.all([addressOf(server), addressOf(other)]);
      stopNames = await startNameServer(other, { 'allowed.test': serverAddress });
      watch = await openEgressWatch([otherAddress]);
      stopFollowing = followPublishedPort();
      parts = helperParts(engine, watch.folder);
      expect(await installHelper(parts, portWay(parts), delay)).toMatchObject({ ok: true });
      // The monitor has not the key with which it was installed: it starts the helper with its own.
      await watch.start({}, { always: true, periodMs: 500 });
      watch.service().subscribe((event) => {
        if (event.kind !== 'observations') return;
        for (const each of event.observations) {
          if (each.kind === 'syscalls' && each.container === agent.id) windows.push(each);
        }
      });
      await untilKnown(watch, agent);
    }, 240_000);

    afterAll(async () => {
      try {
        await letGo({ agent, watch });
      } finally {
        await openOwnGate();
        await watch.close();
        await removeHelper(parts);
        await stopFollowing();
        engine.close();
        stopNames();
        await containers.removeAll();
      }
    });

    const curl = (url: string) => fetchFrom(agent, url);
    const total = (call: string, from: number): number =>
      windows.slice(from).reduce((sum, { counts }) => sum + (counts[call] ?? 0), 0);
    async function settled(): Promise<number> {
      const before = windows.length;
      await eventually('two more windows', () => windows.length >= before + 2);
      return windows.length;
    }

    test('counts calls as strace does', async () => {
      const root = `/proc/${(await agent.inspect()).State.Pid}/root`;
      const log = join(watch.folder, 'strace');
      const [full, empty] = [countedByStrace(log, root, script), countedByStrace(log, root, ':')];
      const calls = ['openat', 'mmap', 'fadvise64', 'brk', 'wait4'];
      const from = await settled();
      spawnSync('sh', ['-c', `echo 1 >${root}/tmp/gate`]);
      await eventually('all were made', () => total('fadvise64', from) >= 8);
      await settled();
      expect(calls.map((call) => [call, total(call, from)])).toEqual(
        calls.map((call) => [call, (full.get(call) ?? 0) - (empty.get(call) ?? 0)]),
      );
    });

    test('tells by what the kernel knows a container; without its network it is made anew; a stranger’s is left', async () => {
      // Of the installation's own key, which is not the helper's any more.
      expect(await parts.client.ask({ verb: 'hello' })).toMatchObject({ ok: false });
      const pid = (await agent.inspect()).State.Pid;
      const here = cgroupIdOf('/proc', readMounts('/proc'), { mainPid: pid, container: agent.id });
      expect(here).toMatch(/^\d+$/);
      await watch.stop();
      expect(await installHelper(parts, portWay(parts), delay)).toMatchObject({ ok: true });
      const place = { container: agent.id, pid };
      const said = await parts.client.ask({ verb: 'cgroup', place });
      expect(said.ok && said.value.toString().trim()).toBe(here);
      const other = { container: 'ab'.repeat(32), pid };
      expect(await parts.client.ask({ verb: 'cgroup', place: other })).toMatchObject({ ok: false });
      await demand(engineSocket(), 'DELETE', '/containers/sentra-helper?force=1');
      expect(await keepHelper(parts, delay)).toEqual({ name: 'absent' });
      expect(await installHelper(parts, portWay(parts), delay)).toMatchObject({ ok: true });
      await engine.helper.end();
      await eventually('it has ended', async () => {
        const found = await engine.helper.inspect();
        return found.ok && found.value?.isRunning === false;
      });
      // As `docker network prune` does.
      await demand(engineSocket(), 'DELETE', '/networks/sentra-helper');
      expect(await keepHelper(parts, delay)).toMatchObject({ name: 'running' });
      const stranger = { ...parts, ways: { ...parts.ways, owner: '00'.repeat(16) } };
      expect(await keepHelper(stranger, delay)).toMatchObject({
        name: 'failed',
        reason: expect.stringContaining('another person') as string,
      });
      await watch.start({}, { always: true, periodMs: 500 });
      await untilKnown(watch, agent);
    });

    test('resolves allowed names, and the proof is the same as by a socket', async () => {
      await watch.rule(agent, { verdict: 'allow', target: 'allowed.test', local: true });
      await watch.mode(agent, 'enforce');
      await becomesGuarded({ agent, watch });
      expect(await curl('http://allowed.test/')).toBe(0);
      expect(await curl('http://other.test/')).not.toBe(0);
      expect(await curl(`http://${otherAddress}/`)).not.toBe(0);
      await expectWholeProof({ agent, watch });
    });

    test('in the mode ask the same connection comes up once it is allowed', async () => {
      await expectHeldUntilAllowed({ agent, watch }, otherAddress);
    });

    test('killed in the middle of changes, the wall is whole at every moment', async () => {
      await expectWholeThroughKills({ agent, watch }, otherAddress, 2);
    });

    test('what is on the engine beside it reaches the port at most, and hears nothing there', async () => {
      const found = await engine.helper.inspect();
      const port = found.ok ? found.value?.port : undefined;
      // Ends with 4 where something is heard, with 3 where it connects at most, with 0 where it does not.
      const knock = (host: string, at: number | undefined): string => `import socket,sys
try: s=socket.create_connection(("${host}",${at}),2)
except OSError: sys.exit(0)
s.settimeout(8)
try:
  s.sendall(b"sentra-helper 2 hello\\n"*10); sys.exit(4 if len(s.recv(100)) else 3)
except OSError: sys.exit(3)`;
      const debian = { args: ['sleep', '100'], image: 'debian' } as const;
      const [beside, onBridge] = await Promise.all([
        containers.start({ ...debian, network: 'host' }),
        containers.start(debian),
      ]);
      expect(await beside.exec(['python3', '-c', knock('127.0.0.1', port)])).toBe(3);
      // On the default bridge, where agents are, it is not even reached.
      const inside = await demand(engineSocket(), 'GET', '/containers/sentra-helper/json');
      const address = /"IPAddress":"(\d[^"]*)"/.exec(JSON.stringify(inside))?.[1] ?? '';
      expect(address).toMatch(/^\d/);
      expect(await onBridge.exec(['python3', '-c', knock(address, 7373)])).toBe(0);
    });
  },
);
