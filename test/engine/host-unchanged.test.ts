import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith } from './capabilities.ts';
import { testContainers } from './containers.ts';
import { takeHostSnapshot } from './host-snapshot.ts';
import { type PrivateEngine, removeLeftovers, startPrivateEngine } from './private-engine.ts';
import { asRoot } from './privilege.ts';
import { isAlive, identify, waitUntil } from './process-table.ts';
import { run } from './command.ts';

describeWith(['engine', 'root'], 'A private engine beside another one', () => {
  let other: PrivateEngine;
  let server: Server;
  let port = 0;

  beforeAll(async () => {
    other = await startPrivateEngine();
    await testContainers(other.socketPath).start({ args: ['sleep', '3600'], name: 'neighbour' });
    server = createServer((_, response) => response.end('reached the host'));
    await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve));
    const address = server.address();
    port = typeof address === 'object' && address !== null ? address.port : 0;
  });

  afterAll(async () => {
    server.close();
    await other.stop();
  });

  const snapshot = () => takeHostSnapshot({ otherEngine: other.socketPath });

  /** Uses all that leaves traces: bridges, published ports, networks, mounts, control groups. */
  async function use(engine: PrivateEngine): Promise<void> {
    const containers = testContainers(engine.socketPath);
    const web = await containers.start({
      args: ['sh', '-c', 'echo from inside >/www/index.html; httpd -f -p 80 -h /www'],
      ports: { 80: 8080 },
      memory: 64 * 2 ** 20,
    });
    const url = `http://${engine.engineAddress}:8080/index.html`;
    const answered = await waitUntil(async () => {
      const answer = await fetch(url).catch(() => undefined);
      return answer !== undefined && (await answer.text()).includes('from inside');
    }, 10_000);
    expect(answered).toBe(true);
    const out = ['wget', '-q', '-O', '-', `http://${engine.hostAddress}:${port}/`];
    expect(await web.exec(out)).toBe(0);
    const network = await containers.createNetwork('apart');
    const apart = await containers.start({ args: ['sleep', '600'], network });
    expect(await apart.exec(out)).toBe(0);
    // One that is frozen, since those do not die as others do.
    await run('curl', [
      ...['-sf', '--unix-socket', engine.socketPath, '-X', 'POST'],
      `http://engine/containers/${apart.id}/pause`,
    ]);
  }

  test('The host and the other engine are the same after it was used and stopped.', async () => {
    const before = await snapshot();
    const engine = await startPrivateEngine();
    await use(engine);
    const during = await snapshot();
    expect(during['links']).not.toEqual(before['links']);
    expect(during['nft']).not.toEqual(before['nft']);
    expect(during['controlGroups']).not.toEqual(before['controlGroups']);
    expect(during['otherEngine']).toEqual(before['otherEngine']);
    await engine.stop();
    expect(await snapshot()).toEqual(before);
  });

  test('The same when the process that asked for it is killed with SIGKILL.', async () => {
    const before = await snapshot();
    const script = fileURLToPath(new URL('./hold-engine.ts', import.meta.url));
    const holder = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = (await once(createInterface({ input: holder.stdout }), 'line')) as [string];
    const engine = JSON.parse(line) as PrivateEngine;
    await use(engine);
    const supervisor = identify(engine.supervisorPid);
    holder.kill('SIGKILL');
    const ended = await waitUntil(() => supervisor !== undefined && !isAlive(supervisor), 30_000);
    expect(ended).toBe(true);
    expect(await snapshot()).toEqual(before);
  });

  test('The same when its own supervisor is killed, once the next run has begun.', async () => {
    const before = await snapshot();
    const engine = await startPrivateEngine();
    await use(engine);
    await run(...kill(engine.supervisorPid));
    await removeLeftovers();
    expect(await snapshot()).toEqual(before);
    await engine.stop();
  });

  test('Two engines at once do not meet, and each takes only its own away.', async () => {
    const before = await snapshot();
    const [first, second] = await Promise.all([startPrivateEngine(), startPrivateEngine()]);
    expect(first.hostAddress).not.toBe(second.hostAddress);
    await use(first);
    await first.stop();
    await use(second);
    await second.stop();
    expect(await snapshot()).toEqual(before);
  });
});

/** The command that kills a process of root's. */
function kill(pid: number): [string, string[]] {
  const [command = '', ...args] = asRoot(['kill', '-KILL', String(pid)]);
  return [command, args];
}
