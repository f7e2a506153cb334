import { execFile } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { notedGates, removeGateNote } from '../../../monitor/egress/gate/gate-note.ts';
import { findResolverCgroups } from '../../../monitor/egress/resolver/resolver-cgroup.ts';
import { removeNote } from '../../../monitor/egress/wall/wall-record.ts';
import { isDisarmed } from '../../../monitor/rpc/service/service-disarm.ts';
import { describeWith, engineSocket } from '../../engine/capabilities.ts';
import { testContainers } from '../../engine/containers.ts';
import type { TestContainer, TestContainers } from '../../engine/containers.ts';
import { ask, demand } from '../../engine/engine-http.ts';
import { startMonitorProcess, type MonitorProcess } from '../../scenarios/monitor-process.ts';
import {
  addressOf,
  eventually,
  inNetworkOf,
  openEgressWatch,
  startNameServer,
  tablesOfEngine,
} from './egress-stage.ts';
import type { EgressWatch } from './egress-stage.ts';

const entry = fileURLToPath(new URL('../../../monitor/cli.ts', import.meta.url));
/** By the answer that says so; and while Sentra is away, by a closed port. */
const [refused, unanswered] = [22, 7];

describeWith(['engine', 'debian-image', 'root'], 'The commands about egress', () => {
  let containers: TestContainers;
  let agent: TestContainer;
  let server: TestContainer;
  let watch: EgressWatch;
  let monitor: MonitorProcess | undefined;
  let stopNames: () => void;
  let serverAddress: string;

  beforeAll(async () => {
    containers = testContainers(engineSocket());
    const web = ['sh', '-c', 'echo hello >/www/index.html; exec httpd -f -p 80 -h /www'];
    [agent, server] = await Promise.all([
      containers.start({ args: ['sleep', '10000'], image: 'debian' }),
      containers.start({ args: web }),
    ]);
    serverAddress = await addressOf(server);
    stopNames = await startNameServer(server, { 'allowed.test': serverAddress });
    // Only its folder is used here: the monitors are processes of their own.
    watch = await openEgressWatch([serverAddress]);
  }, 240_000);

  afterAll(async () => {
    await monitor?.end();
    stopNames();
    await containers.removeAll();
    await watch.close();
  });

  async function startMonitor(): Promise<MonitorProcess> {
    const started = startMonitorProcess(watch.folder, ['--engine', `unix://${engineSocket()}`]);
    monitor = started;
    const client = await started.connect();
    await eventually('the agent is known', async () => {
      const snapshot = await client.snapshot();
      return (
        snapshot.ok &&
        snapshot.value.workloads.some(({ workload }) => workload.container === agent.id)
      );
    });
    client.close();
    return started;
  }

  /** Runs `sentra` with the words; its exit code and all that it printed. */
  function sentra(...words: string[]): Promise<{ code: number; text: string }> {
    const environment = { ...process.env, SENTRA_STATE: watch.folder, XDG_RUNTIME_DIR: '' };
    return new Promise((resolve) => {
      const child = execFile(
        process.execPath,
        [entry, ...words],
        { env: environment },
        (_, output, complaints) =>
          resolve({ code: child.exitCode ?? -1, text: `${output}${complaints}` }),
      );
    });
  }

  const curl = (url: string): Promise<number> =>
    agent.exec(['curl', '-sf', '-o', '/dev/null', '--max-time', '10', url]);

  test('put up a wall, show it, and say what is wrong with a rule', async () => {
    await startMonitor();
    expect(await sentra('egress', 'allow', agent.id, 'allowed.test', '--local')).toMatchObject({
      code: 0,
      text: expect.stringContaining('allow allowed.test (private addresses too)') as string,
    });
    const mode = await sentra('egress', 'mode', agent.id, 'enforce');
    expect(mode).toMatchObject({ code: 0 });
    expect(mode.text).toContain('enforce, 1 rule, seeing');
    expect(await curl('http://allowed.test/')).toBe(0);
    expect(await curl(`http://192.0.2.9/`)).toBe(refused);
    const bad = await sentra('egress', 'allow', agent.id, 'exa mple.com');
    expect(bad.code).toBe(1);
    expect(bad.text).toContain('spaces or control characters');
    expect(await sentra('egress', 'prove', agent.id)).toMatchObject({ code: 0 });
    const list = await sentra('egress', 'list', agent.id);
    expect(list.text).toContain('allow allowed.test');
  });

  test('after SIGKILL of the monitor the wall stands, and the next one knows it again', async () => {
    const marks = async (): Promise<string | undefined> =>
      /mark (0x\w+)/.exec(
        await inNetworkOf(agent, ['nft', 'list', 'table', 'netdev', 'sentra']),
      )?.[1];
    const before = await marks();
    await monitor?.kill9();
    expect(await curl('http://192.0.2.9/')).toBe(unanswered);
    expect(await curl('http://allowed.test/')).toBe(0);
    expect(await curl('http://allowed.test/')).toBe(0);
    await startMonitor();
    await eventually('it sees again', async () =>
      (await sentra('egress', 'list', agent.id)).text.includes('seeing'),
    );
    // The mark is made anew with each wall: this is the very wall of before.
    expect(await marks()).toBe(before);
    expect(await curl('http://allowed.test/')).toBe(0);
  });

  test('disarm declines beside a monitor and without a yes; without record and notes it leaves nothing', async () => {
    expect(await sentra('disarm', '--yes')).toMatchObject({ code: 1 });
    await monitor?.end();
    expect(await curl(`http://192.0.2.9/`)).toBe(unanswered);
    const here = agent.id.slice(0, 12);
    const standing = await sentra('status');
    expect(standing.text).toContain('Nothing watches');
    expect(standing.text).toMatch(new RegExp(`${here}: what guards or counts its network\\n`));
    for (const pid of findResolverCgroups().get(agent.id)?.pids() ?? []) {
      process.kill(pid, 'SIGKILL');
    }
    await eventually('its resolver has ended', async () =>
      (await sentra('status')).text.includes(`${here}: what guards or counts its network; CLOSED`),
    );
    expect(await curl('http://allowed.test/')).not.toBe(0);
    // What was lost: what is held, and where something was put up. Tables tell it.
    rmSync(join(watch.folder, 'engines'), { recursive: true });
    for (const inode of notedGates()) removeGateNote(inode);
    removeNote(agent.id);
    expect(await tablesOfEngine()).toContain('table bridge sentra');
    await demand(engineSocket(), 'POST', `/containers/${server.id}/pause`);
    const engine = ['--engine', `unix://${engineSocket()}`];
    const asked = await sentra('disarm', ...engine);
    expect(asked, asked.text).toMatchObject({ code: 1 });
    expect(asked.text).toContain(`${here}: what guards or counts its network`);
    expect(asked.text).toContain('the gate before the engine’s bridges');
    expect(await curl(`http://192.0.2.9/`)).toBe(unanswered);

    const disarmed = await sentra('disarm', '--yes', ...engine);
    expect(disarmed.code, disarmed.text).toBe(0);
    expect(disarmed.text).toContain(`${agent.id.slice(0, 12)}: nothing of Sentra’s is left`);
    expect(disarmed.text).toContain('The gate: nothing of Sentra’s is left');
    expect(disarmed.text).toMatch(/Read back: \d+ networks .* as Docker left them/);
    expect(await inNetworkOf(agent, ['nft', 'list', 'ruleset'])).not.toContain('sentra');
    expect(await tablesOfEngine()).not.toContain('sentra');
    expect(findResolverCgroups().has(agent.id)).toBe(false);
    // Not known to be Sentra's doing: named, with what undoes it.
    expect(disarmed.text).toContain(`    docker unpause ${server.id.slice(0, 12)}\n`);
    await demand(engineSocket(), 'POST', `/containers/${server.id}/unpause`);
    expect(await curl(`http://${serverAddress}/`)).toBe(0);
    expect(await sentra('disarm', ...engine)).toMatchObject({ code: 0 });
  });

  test('a monitor takes its own hands off, as its window asks it to, and ends', async () => {
    await ask(engineSocket(), 'POST', `/containers/${server.id}/unpause`);
    const running = await startMonitor();
    const mode = await sentra('egress', 'mode', agent.id, 'enforce');
    expect(mode.text).toMatch(/enforce, .*seeing/);
    expect(await sentra('pause', server.id)).toMatchObject({ code: 0 });
    const client = await running.connect();
    const found = await client.disarmList();
    if (!found.ok) throw new Error(found.error.message);
    const kindsOf = (id: string) =>
      found.value.items.flatMap(({ kind, container }) => (container === id ? [kind] : []));
    expect(kindsOf(server.id)).toContain('contained');
    expect(kindsOf(agent.id)).toEqual(['wall']);
    expect(found.value.items).toContainEqual(expect.objectContaining({ kind: 'gate' }));
    const report = await client.disarm();
    expect(report).toMatchObject({ ok: true, value: { left: [], bound: [] } });
    expect(report.ok && isDisarmed(report.value), JSON.stringify(report)).toBe(true);
    expect(await inNetworkOf(agent, ['nft', 'list', 'ruleset'])).not.toContain('sentra');
    expect(await tablesOfEngine()).not.toContain('sentra');
    expect((await server.inspect()).State).toMatchObject({ Paused: false });
    // Its network may have given it another one.
    expect(await curl(`http://${await addressOf(server)}/`)).toBe(0);
    await eventually('it has ended', () => !running.isRunning());
    expect(running.complaints()).toContain('hands were taken off everything');
  });
});
