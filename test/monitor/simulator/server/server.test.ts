import { request } from 'node:http';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startSimulator } from '../../../../monitor/simulator/simulator.ts';
import type { Simulator } from '../../../../monitor/simulator/simulator.ts';
import { agent, clientOf, openStage, refusal } from '../stage.ts';

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
}

/** A call without any client library. */
function call(simulator: Simulator, method: string, path: string, body = ''): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request(
      { socketPath: simulator.socketPath, method, path, agent: false },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (part: string) => (text += part));
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
        );
      },
    );
    asked.on('error', reject);
    asked.end(body);
  });
}

test('says which API it speaks, and that it is simulated', async () => {
  await using stage = await openStage([agent('coder')], { apiVersion: '1.41', cgroupVersion: 1 });
  const ping = await call(stage.simulator, 'GET', '/_ping');
  expect(ping).toMatchObject({ status: 200, text: 'OK', headers: { 'api-version': '1.41' } });
  expect(await stage.docker.version()).toMatchObject({
    ApiVersion: '1.41',
    MinAPIVersion: '1.12',
    Version: '20.10.24',
    Platform: { Name: 'Sentra simulator' },
  });
  expect(await stage.docker.info()).toMatchObject({
    Containers: 1,
    ContainersRunning: 1,
    CgroupVersion: '1',
    NCPU: 4,
    Labels: ['sentra.simulated=true'],
  });
});

test('serves versioned and unversioned paths, and refuses versions it does not speak', async () => {
  await using stage = await openStage([agent('coder')]);
  expect(await clientOf(stage.simulator, 'v1.41').listContainers()).toHaveLength(1);
  expect(await stage.docker.listContainers()).toHaveLength(1);
  expect(await refusal(clientOf(stage.simulator, 'v1.99').listContainers())).toEqual({
    status: 400,
    message: 'client version 1.99 is too new. Maximum supported API version is 1.44',
  });
  expect(await refusal(clientOf(stage.simulator, 'v1.12').listContainers())).toMatchObject({
    status: 400,
  });
});

test('unknown paths and methods are not found', async () => {
  await using stage = await openStage([agent('coder')]);
  const notFound = { status: 404, text: '{"message":"page not found"}\n' };
  for (const [method, path] of [
    ['GET', '/nothing'],
    ['GET', '/v1.44/containers/coder'],
    ['PUT', '/v1.44/containers/coder/json'],
    ['POST', '/v1.44/containers/create'],
    ['DELETE', '/v1.44/containers/coder'],
    ['POST', '/v1.44/containers/coder/exec'],
    ['GET', '/v1.44/containers/%E0%A4%A/json'],
  ] as const) {
    expect(await call(stage.simulator, method, path), path).toMatchObject(notFound);
  }
});

test('broken bodies and filters are the caller’s fault', async () => {
  await using stage = await openStage([agent('coder')]);
  const update = '/v1.44/containers/coder/update';
  expect(await call(stage.simulator, 'POST', update, '{bad')).toMatchObject({ status: 400 });
  const wrong = '{"Memory":"much"}';
  expect(await call(stage.simulator, 'POST', update, wrong)).toMatchObject({ status: 400 });
  const listed = (filters: string): Promise<Answer> =>
    call(stage.simulator, 'GET', `/containers/json?filters=${encodeURIComponent(filters)}`);
  expect(await listed('{"foo":["x"]}')).toMatchObject({
    status: 400,
    text: '{"message":"Invalid filter \'foo\'"}\n',
  });
  expect(await listed('{"status":["bogus"]}')).toMatchObject({ status: 400 });
  expect(await listed('garbage')).toMatchObject({ status: 500 });
});

test('lists the newest first, stopped ones when asked, and by filters in both forms', async () => {
  const labels = { role: 'agent', 'com.docker.compose.project': 'shop' };
  await using stage = await openStage([
    agent('one', { labels }),
    agent('two', { created: true, image: 'other:2' }),
    agent('three'),
  ]);
  const names = async (options: object): Promise<string[]> =>
    (await stage.docker.listContainers(options)).map(({ Names }) => Names[0] ?? '');
  expect(await names({})).toEqual(['/three', '/one']);
  expect(await names({ all: true })).toEqual(['/three', '/two', '/one']);
  expect(await names({ filters: { label: ['role=agent'] } })).toEqual(['/one']);
  expect(await names({ filters: { label: { role: true } } })).toEqual(['/one']);
  expect(await names({ filters: { status: ['created'] } })).toEqual(['/two']);
  expect(await names({ all: true, filters: { ancestor: ['other:2'] } })).toEqual(['/two']);
  expect(await names({ filters: { name: ['thr'] } })).toEqual(['/three']);
  expect(await names({ limit: 1 })).toEqual(['/three']);
});

test('finds a container by id, by the beginning of one, and by name', async () => {
  await using stage = await openStage([agent('coder')]);
  const id = stage.simulator.idOf('coder');
  expect(id).toMatch(/^[0-9a-f]{64}$/);
  for (const reference of [id, id.slice(0, 12), 'coder']) {
    expect(await stage.docker.getContainer(reference).inspect()).toMatchObject({
      Id: id,
      Name: '/coder',
      State: { Status: 'running', Running: true },
    });
  }
});

test('top shows the processes in the columns asked for, and tells of itself in an event', async () => {
  await using stage = await openStage([agent('builder', { agent: 'building' })]);
  const container = stage.docker.getContainer('builder');
  const { State } = await container.inspect();
  expect(State.Pid).toBeGreaterThan(2 ** 22);
  const usual: unknown = await container.top();
  expect(usual).toMatchObject({
    Titles: ['UID', 'PID', 'PPID', 'C', 'STIME', 'TTY', 'TIME', 'CMD'],
  });
  const chosen: unknown = await container.top({ ps_args: '-eo pid,comm,args' });
  expect(chosen).toMatchObject({ Titles: ['PID', 'COMMAND', 'COMMAND'] });
  expect(await refusal(container.top({ ps_args: '-eo comm' }))).toEqual({
    status: 500,
    message: "Couldn't find PID field in ps output",
  });
});

test('listens over a file that nobody listens on, not over another engine, and only for its owner', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'sentra-simulator-'));
  const socketPath = join(directory, 'engine.sock');
  const plan = { containers: [agent('coder')], networks: [] };
  const start = (): Promise<Simulator> => startSimulator({ socketPath, plan, speed: 'stepped' });
  const first = await start();
  await expect(start()).rejects.toThrow('EADDRINUSE');
  expect((await stat(socketPath)).mode & 0o777).toBe(0o600);
  await first.faults.stopEngine({ leaveSocket: true });
  const second = await start();
  expect((await call(second, 'GET', '/_ping')).text).toBe('OK');
  await second.close();
  await writeFile(socketPath, 'not a socket');
  await first.close();
  await rm(directory, { recursive: true });
});
