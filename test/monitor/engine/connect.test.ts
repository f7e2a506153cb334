import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer as createTcpServer, type Server } from 'node:net';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { connectEngine } from '../../../monitor/engine/connect.ts';
import { systemEnvironment, type SocketFile } from '../../../monitor/engine/environment.ts';
import type { EngineError } from '../../../monitor/engine/port.ts';
import { silentLogger } from '../../../monitor/runtime/logger.ts';
import { connectTo, startHostileServer } from './hostile-server.ts';

let folder: string;
let path: string;
const opened: { close: () => unknown }[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sentra-connect-'));
  path = join(folder, 'engine.sock');
});

afterEach(async () => {
  for (const each of opened.splice(0)) await each.close();
  await rm(folder, { recursive: true, force: true });
});

async function listen(onConnection: (server: Server) => void = () => undefined): Promise<Server> {
  const server = createTcpServer((socket) => socket.on('error', () => undefined).resume());
  onConnection(server);
  await new Promise<void>((resolve) => server.listen(path, resolve));
  opened.push(server);
  return server;
}

async function errorAt(socketPath: string): Promise<EngineError> {
  const connected = await connectTo(socketPath);
  if (connected.ok) throw new Error('It connected.');
  expect(connected.error.named).toBe(true);
  expect(connected.error.attempts).toHaveLength(1);
  const error = connected.error.attempts[0]!.error;
  expect(error.advice).not.toBe('');
  return error;
}

describe('Connecting', () => {
  test('tells who the engine is', async () => {
    const server = await startHostileServer(() => undefined);
    opened.push({ close: () => server.stop() });
    const connected = await connectTo(server.socketPath);
    if (!connected.ok) throw new Error(JSON.stringify(connected.error));
    expect(connected.value.about).toEqual({
      endpoint: `unix://${server.socketPath}`,
      source: 'your choice',
      id: 'HOST',
      name: 'hostile',
      version: '20.10',
      apiVersion: '1.41',
      simulated: false,
      cgroupVersion: 2,
      hostMemoryBytes: 8e9,
      hostCpus: 2,
      runtimes: [],
    });
    connected.value.close();
  });

  test.each([
    [{ Labels: ['sentra.simulated=true'] }, true],
    [{ ServerVersion: '1.0-simulated' }, true],
    [{ Labels: null, ServerVersion: '27.0' }, false],
  ])('knows an engine with %j as simulated: %s', async (info, simulated) => {
    const answer = JSON.stringify({ ID: 'X', ...info });
    const server = await startHostileServer(() => undefined, {
      '/v1.41/info': (_, response) => response.end(answer),
    });
    opened.push({ close: () => server.stop() });
    const connected = await connectTo(server.socketPath);
    expect(connected).toMatchObject({ ok: true, value: { about: { simulated } } });
    if (connected.ok) connected.value.close();
  });

  test('to nothing says that no engine runs', async () => {
    expect((await errorAt(path)).kind).toBe('not-running');
  });

  test('to a socket whose engine has died says stale', async () => {
    // Killed, so that nobody removes the socket.
    const script = `require('node:net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`;
    spawnSync(process.execPath, ['-e', script]);
    expect((await errorAt(path)).kind).toBe('stale-socket');
  });

  test('without permission says so', async () => {
    await listen();
    await chmod(path, 0o000);
    // Root may open everything, so as root the test steps down for the attempt.
    const root = process.geteuid?.() === 0;
    if (root) {
      await chmod(folder, 0o755);
      process.seteuid?.(65_534);
    }
    try {
      const error = await errorAt(path);
      expect(error.kind).toBe('no-permission');
      expect(error.message).toContain('may not use');
    } finally {
      if (root) process.seteuid?.(0);
    }
  });

  test('to a plain file says that it is no socket', async () => {
    await writeFile(path, '');
    expect((await errorAt(path)).message).toContain('is not a socket');
  });

  test('to a socket of another user sends nothing', async () => {
    let connections = 0;
    await listen((server) => server.on('connection', () => (connections += 1)));
    const connected = await connectEngine({
      endpoint: path,
      environment: {
        ...systemEnvironment(),
        lookAtSocket: () => Promise.resolve({ kind: 'socket', owner: 4242 }),
      },
      logger: silentLogger,
      signal: new AbortController().signal,
    });
    expect(connected).toMatchObject({
      ok: false,
      error: { attempts: [{ error: { kind: 'no-permission' } }] },
    });
    expect(connections).toBe(0);
  });

  test('to a server that never answers gives up after 1.5 s', async () => {
    await listen();
    const before = performance.now();
    expect((await errorAt(path)).kind).toBe('timeout');
    expect(performance.now() - before).toBeLessThan(15_000);
  });

  test('to a server that speaks no HTTP says garbage', async () => {
    await listen((server) =>
      server.on('connection', (socket) => socket.end('EHLO friend\r\n\r\n')),
    );
    expect((await errorAt(path)).kind).toBe('garbage');
  });

  test('ends early when it is told to', async () => {
    await listen();
    const stop = new AbortController();
    const pending = connectEngine({
      endpoint: path,
      environment: systemEnvironment(),
      logger: silentLogger,
      signal: stop.signal,
    });
    setTimeout(() => stop.abort(), 50);
    expect(await pending).toMatchObject({
      ok: false,
      error: { attempts: [{ error: { kind: 'cancelled' } }] },
    });
  });

  test('takes no other engine when the chosen one is not there', async () => {
    const server = await startHostileServer(() => undefined);
    opened.push({ close: () => server.stop() });
    const connected = await connectEngine({
      environment: {
        ...systemEnvironment(),
        variables: { DOCKER_HOST: `unix://${path}`, XDG_RUNTIME_DIR: folder },
      },
      logger: silentLogger,
      signal: new AbortController().signal,
    });
    expect(connected).toMatchObject({
      ok: false,
      error: {
        named: true,
        attempts: [{ source: 'DOCKER_HOST', error: { kind: 'not-running' } }],
      },
    });
  });

  test('tries all usual sockets, and takes the first in order that answers', async () => {
    const home = folder;
    const real = systemEnvironment();
    const environment = {
      ...real,
      variables: {},
      platform: 'darwin',
      home,
      lookAtSocket: (asked: string): Promise<SocketFile> =>
        asked.startsWith(home)
          ? real.lookAtSocket(asked)
          : Promise.resolve({ kind: 'unseen', code: 'ENOENT', message: 'nothing' }),
    };
    const { signal } = new AbortController();
    const options = { environment, logger: silentLogger, signal };

    const none = await connectEngine(options);
    if (none.ok) throw new Error('No engine is there.');
    expect(none.error.named).toBe(false);
    expect(none.error.attempts.length).toBeGreaterThan(5);
    expect(none.error.attempts[0]?.endpoint).toBe('unix:///var/run/docker.sock');
    for (const attempt of none.error.attempts) expect(attempt.error.kind).toBe('not-running');

    for (const path of ['.rd/docker.sock', '.orbstack/run/docker.sock']) {
      await mkdir(dirname(join(home, path)), { recursive: true });
      const server = await startHostileServer(() => undefined, {}, join(home, path));
      opened.push({ close: () => server.stop() });
    }
    const connected = await connectEngine(options);
    if (!connected.ok) throw new Error(JSON.stringify(connected.error));
    expect(connected.value.about.endpoint).toBe(`unix://${home}/.orbstack/run/docker.sock`);
    expect(connected.value.about.source).toBe('usual socket of OrbStack');
    connected.value.close();
  });
});
