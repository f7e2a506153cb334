import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { describeWith } from './capabilities.ts';
import { testContainers } from './containers.ts';
import { demand } from './engine-http.ts';
import { type HostSnapshot, takeHostSnapshot } from './host-snapshot.ts';
import { type PrivateEngine, removeLeftovers, startPrivateEngine } from './private-engine.ts';
import { asRoot } from './privilege.ts';
import { isAlive, identify, waitUntil } from './process-table.ts';
import { run } from './command.ts';

/** What tests here must not change, and what they do with an engine to try. */
interface Surroundings {
  /** Starts engines where the surroundings are. */
  readonly prefix: readonly string[];
  /** The engine that was there before. */
  readonly other: PrivateEngine;
  /** An address outside the new engine that its containers are to reach. */
  readonly outside: string;
}

/** The ids of the engines these tests start. */
const own = new Set<string>();

/** What a test that failed half way leaves behind, newest last. */
const open: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

/** Starts an engine that the test stops itself; if it does not come to that, it is stopped after. */
async function start(prefix: readonly string[] = []): Promise<PrivateEngine> {
  const engine = await startPrivateEngine({ prefix });
  own.add(engine.engineId);
  open.push(() => engine.stop());
  return engine;
}

/** Starts the engine that all tests of a group find there. */
async function startOther(): Promise<PrivateEngine> {
  const engine = await startPrivateEngine();
  own.add(engine.engineId);
  await testContainers(engine.socketPath).start({ args: ['sleep', '3600'], name: 'neighbour' });
  return engine;
}

function snapshot({ prefix, other }: Surroundings): Promise<HostSnapshot> {
  return takeHostSnapshot({ prefix, otherEngine: other.socketPath, own });
}

/** Fails unless both are the same, in everything that can be compared. */
function expectUnchanged(before: HostSnapshot, after: HostSnapshot): void {
  const forwarding = (list: HostSnapshot) =>
    (list['settings'] ?? []).filter((line) => line.includes('/forwarding:')).length;
  // Another run was busy during one of the two: see takeHostSnapshot.
  const isBusy = forwarding(before) === 0 || forwarding(after) === 0;
  // Where only other processes of this machine lived at either moment: they come and go.
  const strangers = new Set([...(before['strangers'] ?? []), ...(after['strangers'] ?? [])]);
  const compared = (list: HostSnapshot): HostSnapshot => ({
    ...list,
    strangers: [],
    controlGroups: (list['controlGroups'] ?? []).filter((folder) => !strangers.has(folder)),
    settings: (list['settings'] ?? []).filter((line) => !isBusy || !line.includes('/forwarding:')),
  });
  expect(compared(after)).toEqual(compared(before));
}

/** Uses all that leaves traces: bridges, published ports, networks, mounts, control groups. */
async function use(engine: PrivateEngine, outside: string): Promise<void> {
  const containers = testContainers(engine.socketPath);
  const web = await containers.start({
    args: ['sh', '-c', 'echo from inside >/www/index.html; httpd -f -p 80 -h /www'],
    ports: { 80: 8080 },
    memory: 64 * 2 ** 20,
  });
  // A freshly started server may take a moment to listen.
  const published = ['wget', '-q', '-O', '-', `http://${engine.engineAddress}:8080/index.html`];
  expect(await waitUntil(async () => (await web.exec(published)) === 0, 10_000)).toBe(true);
  const out = ['wget', '-q', '-O', '-', outside];
  expect(await web.exec(out)).toBe(0);
  const network = await containers.createNetwork('apart');
  const apart = await containers.start({ args: ['sleep', '600'], network });
  expect(await apart.exec(out)).toBe(0);
  // One that is frozen, since those do not die as others do.
  await demand(engine.socketPath, 'POST', `/containers/${apart.id}/pause`);
}

/** An HTTP server on all of the host's addresses; gives its port. */
async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve));
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

describeWith(['engine', 'root'], 'A private engine beside another one', () => {
  const server = createServer((_, response) => response.end('reached the host'));
  let around: Surroundings;
  let port = 0;
  const hostOf = (engine: { hostAddress: string }) => `http://${engine.hostAddress}:${port}/`;

  beforeAll(async () => {
    const other = await startOther();
    port = await listen(server);
    around = { prefix: [], other, outside: '' };
  });

  afterAll(async () => {
    server.close();
    await around.other.stop();
  });

  test('The host and the other engine are the same after it was used and stopped.', async () => {
    const before = await snapshot(around);
    const engine = await start();
    await use(engine, hostOf(engine));
    // From the host, by the address its ports are published on.
    const answer = await fetch(`http://${engine.engineAddress}:8080/index.html`);
    expect(await answer.text()).toContain('from inside');
    const during = await snapshot(around);
    for (const part of ['links', 'addresses', 'nft', 'controlGroups', 'engineProcesses']) {
      expect(during[part]).not.toEqual(before[part]);
    }
    expect(during['otherEngine']).toEqual(before['otherEngine']);
    await engine.stop();
    expectUnchanged(before, await snapshot(around));
  });

  test('The same when the process that asked for it is killed with SIGKILL.', async () => {
    const before = await snapshot(around);
    const script = fileURLToPath(new URL('./hold-engine.ts', import.meta.url));
    const holder = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] });
    open.push(() => Promise.resolve(void holder.kill('SIGKILL')));
    const [line] = (await once(createInterface({ input: holder.stdout }), 'line')) as [string];
    const engine = JSON.parse(line) as PrivateEngine;
    own.add(engine.engineId);
    await use(engine, hostOf(engine));
    const supervisor = identify(engine.supervisorPid);
    holder.kill('SIGKILL');
    const ended = await waitUntil(() => supervisor !== undefined && !isAlive(supervisor), 30_000);
    expect(ended).toBe(true);
    expectUnchanged(before, await snapshot(around));
  });

  test('The same after Ctrl-C, which a terminal sends to all that it runs.', async () => {
    const before = await snapshot(around);
    const script = fileURLToPath(new URL('../../scripts/engine.mjs', import.meta.url));
    const stdio = ['ignore', 'ignore', 'pipe'] as const;
    const running = spawn(process.execPath, [script], { stdio: [...stdio], detached: true });
    const { pid = 0 } = running;
    expect(pid).toBeGreaterThan(1);
    open.push(() => Promise.resolve(void running.kill('SIGKILL')));
    const id = await new Promise<string>((resolve, reject) => {
      createInterface({ input: running.stderr }).on('line', (line) => {
        const found = /SENTRA_TEST_ENGINE=\S*-([0-9a-f]+)\/docker\.sock/.exec(line)?.[1];
        if (found !== undefined) resolve(found);
      });
      running.once('exit', () => reject(new Error('It ended before its engine stood.')));
    });
    own.add(id);
    expect((await snapshot(around))['engineProcesses']).not.toEqual(before['engineProcesses']);
    process.kill(-pid, 'SIGINT');
    await once(running, 'exit');
    expectUnchanged(before, await snapshot(around));
  });

  test('The same when its own supervisor is killed, once the next run has begun.', async () => {
    const before = await snapshot(around);
    const engine = await start();
    await use(engine, hostOf(engine));
    await run(...kill(engine.supervisorPid));
    await removeLeftovers();
    expectUnchanged(before, await snapshot(around));
    await engine.stop();
  });

  test('Two engines at once do not meet, and each takes only its own away.', async () => {
    const before = await snapshot(around);
    const [first, second] = await Promise.all([start(), start()]);
    expect(first.hostAddress).not.toBe(second.hostAddress);
    await use(first, hostOf(first));
    await first.stop();
    await use(second, hostOf(second));
    await second.stop();
    expectUnchanged(before, await snapshot(around));
  });
});

// The namespace of a private engine stands for a host on which dockerd runs as it does for most
// people: docker0 in the host's own network, and a firewall that drops what is forwarded.
describeWith(
  ['engine', 'root'],
  'A private engine on a host whose own engine is in the way',
  () => {
    const server = createServer((_, response) => response.end('reached the outside'));
    let around: Surroundings;

    beforeAll(async () => {
      const other = await start();
      await testContainers(other.socketPath).start({ args: ['sleep', '3600'], name: 'neighbour' });
      const outside = `http://${other.hostAddress}:${await listen(server)}/`;
      const prefix = ['nsenter', '-t', String(other.holderPid), '-n', '-m'];
      around = { prefix, other, outside };
      const [command = '', ...args] = asRoot([...prefix, 'iptables', '-P', 'FORWARD', 'DROP']);
      await run(command, args);
    });

    afterAll(async () => {
      server.close();
      await around.other.stop();
    });

    test('It reaches the outside, and leaves bridge and firewall of the other as they were.', async () => {
      const before = await snapshot(around);
      expect(before['links']?.join()).toContain('docker0');
      expect(before['iptables']).toContain(':FORWARD DROP []');
      const engine = await start(around.prefix);
      await use(engine, around.outside);
      const during = await snapshot(around);
      expect(during['iptables']).not.toEqual(before['iptables']);
      await engine.stop();
      expectUnchanged(before, await snapshot(around));
    });
  },
);

/** The command that kills a process of root's. */
function kill(pid: number): [string, string[]] {
  const [command = '', ...args] = asRoot(['kill', '-KILL', String(pid)]);
  return [command, args];
}
